// Asks who is there, over npm's serialport.
import { createRequire } from "node:module";

const [, , path, modules] = process.argv;
const { SerialPort } = createRequire(`${modules}/`)("serialport");

const port = new SerialPort({ path, baudRate: 115200 });
let heard = "";
port.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
});
port.on("open", () => port.write("ATI\r"));
port.on("data", (data) => {
    heard += data;
    if (heard.endsWith("OK\r\n")) {
        console.log(heard.split("\r\n").slice(1, 4).join(" "));
        port.close(() => process.exit(0));
    }
});
setTimeout(() => {
    console.error(`only this was heard: ${JSON.stringify(heard)}`);
    process.exit(1);
}, 10_000);
