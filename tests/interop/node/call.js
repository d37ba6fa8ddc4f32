// Calls actions with the official Node.js SDK: a line of JSON in for each, a line of JSON out.
const readline = require("readline");
const { CommonClient } = require("tencentcloud-sdk-nodejs-common");
const cvm = require("tencentcloud-sdk-nodejs-cvm").cvm.v20170312;

const options = (region) => ({
  credential: {
    secretId: process.env.TENCENTCLOUD_SECRET_ID,
    secretKey: process.env.TENCENTCLOUD_SECRET_KEY,
  },
  region,
  profile: {
    language: "en-US",
    httpProfile: { endpoint: process.env.ENDPOINT, protocol: "http://" },
  },
});

async function call({ service, version, region, action, params }) {
  try {
    if (service === "cvm") return await new cvm.Client(options(region))[action](params);
    const client = new CommonClient(process.env.ENDPOINT, version, options(region));
    return await client.request(action, params);
  } catch (error) {
    return { Error: { Code: error.code, Message: error.message }, RequestId: error.requestId };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await call(JSON.parse(line))));
  }
}

main();
