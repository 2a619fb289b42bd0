/* Listen to the server over a WebSocket, and connect again when the connection is lost. */

const [FIRST, LAST] = [500, 8000]; // ms between two attempts: twice as long each time
const ENDS = {
  4403: "This browser isn’t in the room any more. Join it again.",
  4404: "The room has ended.",
  4429: "This board is open too often. Close some tabs.",
};
const OUTSIDE = [4403, 4404];

/** Listen at a path of the server. `receive` gets each message; `state` a sentence, or "" when all is well; `ended` is called when this browser is no longer in the room. Return `send`, which says whether it could, and `stop`. */
export function listenLive(path, { receive, state, ended = () => {} }) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  let [over, wait, timer, socket] = [false, FIRST, 0, null];

  function connect() {
    socket = new WebSocket(url);
    socket.onmessage = ({ data }) => {
      wait = FIRST;
      state("");
      receive(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      if (over) return;
      if (OUTSIDE.includes(code)) ended();
      state(ENDS[code] ?? "The connection is lost. Trying again …");
      if (ENDS[code]) return;
      timer = setTimeout(connect, wait * (0.75 + Math.random() / 2)); // a class doesn't come back in one instant
      wait = Math.min(LAST, 2 * wait);
    };
  }

  connect();
  return {
    send: (data) => {
      const open = socket.readyState === WebSocket.OPEN;
      if (open) socket.send(JSON.stringify(data));
      return open;
    },
    stop: () => {
      over = true;
      clearTimeout(timer);
      socket.close();
    },
  };
}
