//! Whole pages through a desk that exists only here.

mod articles;
mod desk;
mod languages;
mod lines;
mod odd;
mod proof;
mod restart;
mod returns;
mod table;
