//! The guards. None knows another, none knows Git or a report format.

pub mod hooks;
pub mod images;
pub mod secrets;
pub mod signatures;
