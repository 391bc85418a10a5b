"""boto3's clients for the control plane: models, profiles, provisioned throughput, quotas."""

import time

import checks as common
from checks import raised
from session import bedrock, checks, quotas, runtime, says


@checks
def models():
    summaries = bedrock.list_foundation_models()["modelSummaries"]
    ids = [summary["modelId"] for summary in summaries]
    assert common.NOVA in ids and common.CLAUDE.removeprefix("us.") in ids, ids
    of_amazon = bedrock.list_foundation_models(byProvider="Amazon")["modelSummaries"]
    assert {model["providerName"] for model in of_amazon} == {"Amazon"}, of_amazon
    details = bedrock.get_foundation_model(modelIdentifier=common.NOVA)["modelDetails"]
    assert details["modelId"] == common.NOVA and details["responseStreamingSupported"], details
    nothing = bedrock.exceptions.ResourceNotFoundException
    raised(nothing, lambda: bedrock.get_foundation_model(modelIdentifier="nobody.no-model-v1:0"))
    return f"{len(ids)} models"


@checks
def profiles():
    pages = bedrock.get_paginator("list_inference_profiles").paginate(
        PaginationConfig={"PageSize": 5}
    )
    summaries = [summary for page in pages for summary in page["inferenceProfileSummaries"]]
    ids = [summary["inferenceProfileId"] for summary in summaries]
    assert common.CLAUDE in ids and len(set(ids)) == len(ids), ids
    profile = bedrock.get_inference_profile(inferenceProfileIdentifier=common.CLAUDE)
    assert profile["models"] and profile["type"] == "SYSTEM_DEFINED", profile
    reply = runtime.converse(modelId=profile["inferenceProfileArn"], messages=says("hello"))
    assert reply["stopReason"] == "end_turn", reply
    return f"{len(ids)} profiles"


@checks
def provisioned():
    arn = bedrock.create_provisioned_model_throughput(
        modelUnits=1, provisionedModelName="boto3-units", modelId=common.NOVA
    )["provisionedModelArn"]

    def get():
        return bedrock.get_provisioned_model_throughput(provisionedModelId=arn)

    while get()["status"] == "Creating":
        time.sleep(0.02)
    assert get()["status"] == "InService", get()
    reply = runtime.converse(modelId=arn, messages=says("hello"))
    assert "hello" in reply["output"]["message"]["content"][0]["text"], reply
    bedrock.update_provisioned_model_throughput(
        provisionedModelId=arn, desiredProvisionedModelName="boto3-other-name"
    )
    listed = bedrock.list_provisioned_model_throughputs(nameContains="boto3-other-name")
    assert [one["provisionedModelArn"] for one in listed["provisionedModelSummaries"]] == [arn]
    bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)
    raised(bedrock.exceptions.ResourceNotFoundException, get)


@checks
def tags():
    arn = bedrock.create_provisioned_model_throughput(
        modelUnits=1,
        provisionedModelName="boto3-tagged",
        modelId=common.NOVA,
        tags=[{"key": "of", "value": "this suite"}],
    )["provisionedModelArn"]
    bedrock.tag_resource(resourceARN=arn, tags=[{"key": "and", "value": "more"}])
    listed = bedrock.list_tags_for_resource(resourceARN=arn)["tags"]
    assert {tag["key"]: tag["value"] for tag in listed} == {"of": "this suite", "and": "more"}
    bedrock.untag_resource(resourceARN=arn, tagKeys=["of"])
    listed = bedrock.list_tags_for_resource(resourceARN=arn)["tags"]
    assert listed == [{"key": "and", "value": "more"}], listed


@checks
def service_quotas():
    pages = quotas.get_paginator("list_service_quotas").paginate(
        ServiceCode="bedrock", PaginationConfig={"PageSize": 50}
    )
    listed = {quota["QuotaCode"]: quota for page in pages for quota in page["Quotas"]}
    assert listed, "no quotas"
    # The limits that the emulator holds calls to are those it tells.
    applied = [quota for quota in listed.values() if "Nova Micro" in quota["QuotaName"]]
    requests = [quota for quota in applied if "requests per minute" in quota["QuotaName"]]
    assert requests and all(quota["Value"] == 1 for quota in requests), applied
    code = requests[0]["QuotaCode"]
    quota = quotas.get_service_quota(ServiceCode="bedrock", QuotaCode=code)["Quota"]
    assert quota == listed[code], quota
    default = quotas.get_aws_default_service_quota(ServiceCode="bedrock", QuotaCode=code)["Quota"]
    assert default["QuotaName"] == quota["QuotaName"], default
    nothing = quotas.exceptions.NoSuchResourceException
    raised(nothing, lambda: quotas.get_service_quota(ServiceCode="bedrock", QuotaCode="L-0"))
    return f"{len(listed)} quotas"
