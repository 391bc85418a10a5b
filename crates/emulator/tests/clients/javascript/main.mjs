// The AWS SDK for JavaScript v3, whose client for the runtime speaks HTTP/2 by default.

import assert from "node:assert/strict";
import {
  AccessDeniedException,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ThrottlingException,
  ValidationException,
} from "@aws-sdk/client-bedrock-runtime";

const NOVA = "amazon.nova-lite-v1:0";
const NOVA_ONE_A_MINUTE = "amazon.nova-micro-v1:0";
const NOVA_ONE_A_SECOND = "amazon.nova-pro-v1:0";
const CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

// Long enough for its echo to be spread over half a second and more.
const LONG = Array.from({ length: 12 }, (_, n) => `word number ${n} of a long prompt,`).join(" ");
const WEATHER = "Use get_weather with city=Paris";
const WEATHER_SCHEMA = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
};

const client = new BedrockRuntimeClient({ maxAttempts: 1 });

const says = (text) => [{ role: "user", content: [{ text }] }];
const converse = (model, text = "hello", options = {}) =>
  new ConverseCommand({ modelId: model, messages: says(text), ...options });

/** How often a check is tried that the machine may have spoiled by standing still for a moment. */
const TRIES = 5;

/** Frames came at once: each time where they are held back, now and then where the machine stood. */
class HeldBack extends Error {}

/** The frames of a stream, with a spread over time that is asserted. */
async function collect(stream) {
  const start = performance.now();
  const frames = [];
  const times = [];
  for await (const frame of stream) {
    frames.push(frame);
    times.push((performance.now() - start) / 1000);
  }
  assert(times.length >= 10, `${times.length} frames`);
  const spread = times.at(-1) - times[0];
  // The emulator speaks 100 tokens a second, so that many frames come a while after the last.
  const gaps = times.slice(1).filter((time, at) => time - times[at] >= 0.005).length;
  const seen = `${times.length} frames over ${spread.toFixed(3)} s, ${gaps} after a gap`;
  if (spread < 0.3 || gaps < 5) throw new HeldBack(seen);
  return [frames, seen];
}

/** What a model says in a stream, and the name of the last event. */
async function said(model) {
  const command = new ConverseStreamCommand({ modelId: model, messages: says("hello") });
  const reply = await client.send(command);
  let [text, last] = ["", ""];
  for await (const event of reply.stream) {
    text += event.contentBlockDelta?.delta.text ?? "";
    last = Object.keys(event)[0];
  }
  return [text, last];
}

async function throttled(model) {
  const reply = await fetch(`${process.env.AWS_ENDPOINT_URL}/_outcrop/metrics`);
  const { models } = await reply.json();
  return models.find((row) => row.model === model)?.throttled.total ?? 0;
}

const checks = {
  async protocol() {
    const { handlerProtocol } = client.config.requestHandler.metadata;
    assert.equal(handlerProtocol, "h2");
    return handlerProtocol;
  },

  async invoke() {
    const body = JSON.stringify({ messages: says("hello") });
    const reply = await client.send(new InvokeModelCommand({ modelId: NOVA, body }));
    assert.equal(reply.contentType, "application/json");
    const answer = JSON.parse(reply.body.transformToString());
    assert.match(answer.output.message.content[0].text, /hello/);
  },

  async stream() {
    const body = JSON.stringify({
      anthropic_version: "bedrock-2023-05-31",
      max_tokens: 500,
      messages: [{ role: "user", content: LONG }],
    });
    const reply = await client.send(
      new InvokeModelWithResponseStreamCommand({ modelId: CLAUDE, body }),
    );
    const [frames, detail] = await collect(reply.body);
    const events = frames.map(({ chunk }) => JSON.parse(new TextDecoder().decode(chunk.bytes)));
    assert.equal(events[0].type, "message_start");
    assert.equal(events.at(-1).type, "message_stop");
    const text = events.map((event) => event.delta?.text ?? "").join("");
    assert(text.includes(LONG), text);
    return detail;
  },

  async converse() {
    const reply = await client.send(converse(NOVA));
    assert.match(reply.output.message.content[0].text, /hello/);
    assert.equal(reply.stopReason, "end_turn");
    assert(reply.usage.totalTokens > 0);
  },

  async "converse-stream"() {
    const reply = await client.send(
      new ConverseStreamCommand({ modelId: NOVA, messages: says(LONG) }),
    );
    const [events, detail] = await collect(reply.stream);
    const text = events.map((event) => event.contentBlockDelta?.delta.text ?? "").join("");
    assert(text.includes(LONG), text);
    const last = events.slice(-2).map((event) => Object.keys(event)[0]);
    assert.deepEqual(last, ["messageStop", "metadata"]);
    return detail;
  },

  async "tool-call"() {
    const toolSpec = { name: "get_weather", inputSchema: { json: WEATHER_SCHEMA } };
    const reply = await client.send(
      new ConverseStreamCommand({
        modelId: CLAUDE,
        messages: says(WEATHER),
        toolConfig: { tools: [{ toolSpec }] },
      }),
    );
    let [name, input, stop] = ["", "", ""];
    for await (const event of reply.stream) {
      name = event.contentBlockStart?.start.toolUse?.name ?? name;
      input += event.contentBlockDelta?.delta.toolUse?.input ?? "";
      stop = event.messageStop?.stopReason ?? stop;
    }
    assert.deepEqual([name, stop], ["get_weather", "tool_use"]);
    assert.deepEqual(JSON.parse(input), { city: "Paris" });
  },

  async "bad-checksum"() {
    const error = await said("meta.llama3-8b-instruct-v1:0").catch((error) => error);
    assert(error instanceof Error, error);
    assert.match(error.message, /checksum/);
    return error.message;
  },

  async "unknown-event"() {
    const [text, last] = await said("meta.llama3-70b-instruct-v1:0");
    assert.match(text, /hello/);
    assert.equal(last, "metadata");
  },

  async "cut-stream"() {
    // It ends without an error; only the missing event tells.
    const [text, last] = await said("mistral.mistral-7b-instruct-v0:2");
    assert.match(text, /hello/);
    assert.notEqual(last, "metadata");
  },

  async "one-byte-chunks"() {
    const [text, last] = await said("mistral.mixtral-8x7b-instruct-v0:1");
    assert.match(text, /hello/);
    assert.equal(last, "metadata");
  },

  async "throttled-stream"() {
    const error = await said("mistral.mistral-large-2402-v1:0").catch((error) => error);
    assert(error instanceof ThrottlingException, String(error));
    return error.message;
  },

  async "many-streams"() {
    const calls = Array.from({ length: 50 }, async (_, n) => {
      const command = new ConverseStreamCommand({ modelId: NOVA, messages: says(`call ${n}.`) });
      const reply = await client.send(command);
      let text = "";
      for await (const event of reply.stream) text += event.contentBlockDelta?.delta.text ?? "";
      assert(text.includes(`call ${n}.`), text);
    });
    await Promise.all(calls);
    return "50 streams at a time";
  },

  async "bearer-token"() {
    const withToken = (token) =>
      new BedrockRuntimeClient({
        maxAttempts: 1,
        authSchemePreference: ["httpBearerAuth"],
        token: { token },
      });
    const keyed = withToken(process.env.AWS_SECRET_ACCESS_KEY);
    const reply = await keyed.send(converse(NOVA));
    assert.match(reply.output.message.content[0].text, /hello/);
    const other = withToken("another key");
    const error = await other.send(converse(NOVA)).catch((error) => error);
    assert(error instanceof AccessDeniedException, String(error));
    keyed.destroy();
    other.destroy();
    return error.message;
  },

  async "wrong-credentials"() {
    const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "wrong" };
    const other = new BedrockRuntimeClient({ maxAttempts: 1, credentials });
    const error = await other.send(converse(NOVA)).catch((error) => error);
    assert.equal(error.name, "InvalidSignatureException");
    assert.equal(error.$metadata.httpStatusCode, 403);
    other.destroy();
  },

  async throttle() {
    await client.send(converse(NOVA_ONE_A_MINUTE));
    const error = await client.send(converse(NOVA_ONE_A_MINUTE)).catch((error) => error);
    assert(error instanceof ThrottlingException, String(error));
    assert.equal(error.$metadata.httpStatusCode, 429);
    return error.message;
  },

  async retry() {
    const patient = new BedrockRuntimeClient({ maxAttempts: 10 });
    const before = await throttled(NOVA_ONE_A_SECOND);
    let [refused, calls] = [0, 0];
    // On a machine that stands still, the two calls may miss each other.
    for (let tries = 0; refused === 0 && tries < TRIES; tries += 1) {
      await Promise.all([1, 2].map(() => patient.send(converse(NOVA_ONE_A_SECOND))));
      refused = (await throttled(NOVA_ONE_A_SECOND)) - before;
      calls += 2;
    }
    assert(refused >= 1, "nothing was throttled");
    patient.destroy();
    return `${calls} calls got through after ${refused} throttles`;
  },

  async validation() {
    const limit = { inferenceConfig: { maxTokens: 10 ** 8 } };
    const error = await client.send(converse(NOVA, "hello", limit)).catch((error) => error);
    assert(error instanceof ValidationException, String(error));
    return error.message;
  },
};

/** What a check gives, tried again where frames came at once. */
async function tried(run) {
  for (let tries = 1; tries < TRIES; tries += 1) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof HeldBack)) throw error;
      console.error(error);
    }
  }
  return run();
}

for (const [check, run] of Object.entries(checks)) {
  let line;
  try {
    line = { check, ok: true, detail: (await tried(run)) ?? "" };
  } catch (error) {
    console.error(error);
    line = { check, ok: false, detail: `${error.name}: ${error.message}` };
  }
  console.log(JSON.stringify(line));
}
client.destroy();
