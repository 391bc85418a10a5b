"""The operations of the control plane beside batch jobs, and of Service Quotas."""

import time

import checks as common
from services import bedrock, checks, held, quotas


@checks
def models():
    bedrock.call("list_foundation_models")
    for model in bedrock.client.list_foundation_models()["modelSummaries"]:
        bedrock.call("get_foundation_model", modelIdentifier=model["modelId"])
    bedrock.refused("get_foundation_model", modelIdentifier="nobody.no-model-v1:0")
    bedrock.refused("get_foundation_model", modelIdentifier="no model")
    bedrock.call("get_foundation_model_availability", modelId=common.NOVA)
    names = ["ListFoundationModels", "GetFoundationModel", "GetFoundationModelAvailability"]
    return held(*names)


@checks
def profiles():
    page = bedrock.call("list_inference_profiles", maxResults=3)
    bedrock.call("list_inference_profiles", maxResults=3, nextToken=page["nextToken"])
    for profile in page["inferenceProfileSummaries"]:
        arn = profile["inferenceProfileArn"]
        bedrock.call("get_inference_profile", inferenceProfileIdentifier=arn)
    bedrock.refused("get_inference_profile", inferenceProfileIdentifier="us.nobody.no-model")
    return held("ListInferenceProfiles", "GetInferenceProfile")


@checks
def provisioned():
    arns = []
    for number, more in enumerate([{}, {"commitmentDuration": "OneMonth"}]):
        arns.append(
            bedrock.call(
                "create_provisioned_model_throughput",
                modelUnits=1,
                provisionedModelName=f"members-{number}",
                modelId=common.NOVA,
                **more,
            )["provisionedModelArn"]
        )
    for arn in arns:
        one = {"provisionedModelId": arn}
        while bedrock.call("get_provisioned_model_throughput", **one)["status"] == "Creating":
            time.sleep(0.02)
    page = bedrock.call("list_provisioned_model_throughputs", maxResults=1)
    bedrock.call("list_provisioned_model_throughputs", nextToken=page["nextToken"])
    one = {"provisionedModelId": arns[0]}
    other = {"desiredProvisionedModelName": "members-other"}
    bedrock.call("update_provisioned_model_throughput", **one, **other)
    bedrock.call("delete_provisioned_model_throughput", **one)
    bedrock.refused("get_provisioned_model_throughput", **one)
    bedrock.refused("update_provisioned_model_throughput", **one, **other)
    bedrock.refused("delete_provisioned_model_throughput", **one)
    tags = [{"key": "of", "value": "this suite"}]
    bedrock.call("tag_resource", resourceARN=arns[1], tags=tags)
    bedrock.call("list_tags_for_resource", resourceARN=arns[1])
    bedrock.call("untag_resource", resourceARN=arns[1], tagKeys=["of"])
    for operation, more in [
        ("tag_resource", {"tags": tags}),
        ("list_tags_for_resource", {}),
        ("untag_resource", {"tagKeys": ["of"]}),
    ]:
        bedrock.refused(operation, resourceARN=arns[0], **more)
    return held(*(name for name in bedrock.coverage if "Provisioned" in name or "Tag" in name))


@checks
def service_quotas():
    quotas.call("list_services")
    for operation in ("service_quotas", "aws_default_service_quotas"):
        page = quotas.call(f"list_{operation}", ServiceCode="bedrock", MaxResults=5)
        more = {"ServiceCode": "bedrock", "NextToken": page["NextToken"]}
        quotas.call(f"list_{operation}", **more)
        one = f"get_{operation.removesuffix('s')}"
        for quota in page["Quotas"]:
            quotas.call(one, ServiceCode="bedrock", QuotaCode=quota["QuotaCode"])
        quotas.refused(one, ServiceCode="bedrock", QuotaCode="L-0")
        quotas.refused(f"list_{operation}", ServiceCode="nothing")
    return held(*quotas.coverage)
