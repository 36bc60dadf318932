// Small helpers for drawing on a canvas.

// Fill, and where wanted stroke, a path in SVG's notation. What does not move is parsed once.
const paths = new Map();
export function shape(pen, path, fill, line = null, width = 3) {
  if (!paths.has(path)) paths.set(path, new Path2D(path));
  if (fill) {
    pen.fillStyle = fill;
    pen.fill(paths.get(path));
  }
  if (line) stroke(pen, paths.get(path), line, width);
}

export function stroke(pen, path, color, width) {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.lineCap = pen.lineJoin = "round";
  pen.stroke(path);
}

// A new path by calls: trace((p) => p.moveTo(…)).
export function trace(draw) {
  const path = new Path2D();
  draw(path);
  return path;
}

export function ellipse(pen, x, y, rx, ry, fill, turn = 0) {
  pen.beginPath();
  pen.ellipse(x, y, rx, ry, turn, 0, 2 * Math.PI);
  pen.fillStyle = fill;
  pen.fill();
}

// Draw with the pen's state as it was afterwards.
export function apart(pen, draw) {
  pen.save();
  draw();
  pen.restore();
}

export const mix = (from, to, share) => from + (to - from) * share;
