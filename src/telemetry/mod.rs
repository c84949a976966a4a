//! What the product tells about itself: logs now, metrics with the delivery engine.

pub mod logging;
