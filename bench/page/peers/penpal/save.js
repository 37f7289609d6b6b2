const iframe = document.createElement("iframe");
iframe.hidden = true;
iframe.src = "https://bridge.example/penpal/hub.html";
document.body.append(iframe);
const messenger = new Penpal.WindowMessenger({ remoteWindow: iframe.contentWindow, allowedOrigins: ["https://bridge.example"] });
Penpal.connect({ messenger })
  .promise.then((store) => store.write("chat-session", "session-of-maja"))
  .then(report);
