//! what the server handed over is not lost, wherever in taking it the gateway is killed.
