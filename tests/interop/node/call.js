// Calls actions with the official Node.js SDK: a line of JSON in for each, a line of JSON out.
const readline = require("readline");
const { CommonClient } = require("tencentcloud-sdk-nodejs-common");
const cvm = require("tencentcloud-sdk-nodejs-cvm").cvm.v20170312;
const { Capi } = require("@tencent-sdk/capi");

const options = (region, signMethod) => ({
  credential: {
    secretId: process.env.TENCENTCLOUD_SECRET_ID,
    secretKey: process.env.TENCENTCLOUD_SECRET_KEY,
  },
  region,
  profile: {
    language: "en-US",
    signMethod,
    httpProfile: { endpoint: process.env.ENDPOINT, protocol: "http://" },
  },
});

// The method of signature is "capi" and a name of its own for the other library.
async function call({ service, version, region, action, params, method }) {
  try {
    if (method.startsWith("capi")) return await callCapi(service, version, region, action, params, method);
    if (service === "cvm") return await new cvm.Client(options(region, method))[action](params);
    const client = new CommonClient(process.env.ENDPOINT, version, options(region, method));
    return await client.request(action, params);
  } catch (error) {
    return { Error: { Code: error.code, Message: error.message }, RequestId: error.requestId };
  }
}

async function callCapi(service, version, region, action, params, method) {
  const client = new Capi({
    region,
    secretId: process.env.TENCENTCLOUD_SECRET_ID,
    secretKey: process.env.TENCENTCLOUD_SECRET_KEY,
    serviceType: service,
    version,
    signatureMethod: method.replace("capi-", ""),
    host: process.env.ENDPOINT,
    protocol: "http",
  });
  const data = { Action: action, Version: version, ...params };
  const answer = await client.request(data, {}, method === "capi-v3");
  return answer.Response;
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await call(JSON.parse(line))));
  }
}

main();
