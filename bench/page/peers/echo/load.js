const iframe = document.createElement("iframe");
iframe.hidden = true;
iframe.src = "https://bridge.example/echo/hub.html";
iframe.onload = () => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => report(data);
  iframe.contentWindow.postMessage(null, "https://bridge.example", [port2]);
};
document.body.append(iframe);
