//! Values of global fields, and the holders of unique values.
