//! The parts of Ofsys below its dialects: the pages behind links in messages, and setting up from the command line.

mod command_line;
mod keyed;
mod links;
