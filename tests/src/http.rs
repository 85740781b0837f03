//! From the side of pages and scripts: statuses, headers and bytes as they come.

mod sign_ins;
