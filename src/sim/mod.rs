//! An M26 to develop against.
