// Creates an image with the official Node.js SDK, on the sandbox.
//
//   cvmimg sandbox serve --port 8080 > sandbox.env & . ./sandbox.env
//   npm install tencentcloud-sdk-nodejs-cvm
//   node create-image.js ins-web00001 my-image
const { cvm } = require("tencentcloud-sdk-nodejs-cvm");

const [instanceId, imageName] = process.argv.slice(2);
const endpoint = new URL(process.env.CVMIMG_ENDPOINT);

const client = new cvm.v20170312.Client({
  credential: {
    secretId: process.env.TENCENTCLOUD_SECRET_ID,
    secretKey: process.env.TENCENTCLOUD_SECRET_KEY,
  },
  region: process.env.TENCENTCLOUD_REGION,
  profile: { httpProfile: { endpoint: endpoint.host, protocol: `${endpoint.protocol}//` } },
});

const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function main() {
  const { ImageId } = await client.CreateImage({ InstanceId: instanceId, ImageName: imageName });
  for (;;) {
    const { ImageSet } = await client.DescribeImages({ ImageIds: [ImageId] });
    const [image] = ImageSet;
    if (image && image.ImageState !== "CREATING") {
      console.log(`${ImageId} ${image.ImageState}`);
      return;
    }
    await sleep(1);
  }
}

main();
