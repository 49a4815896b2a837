/* Boards: what moves cards is fetched only where there is a board. */
import { mount } from "./mount.js";

mount("[data-board]:not([data-fixed])", async (board) => {
  const { start } = await import("./lazy/board_moves.js");
  if (board.isConnected) start(board);
});
