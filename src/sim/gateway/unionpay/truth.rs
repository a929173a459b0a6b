//! What has happened, whatever was answered.

use crate::sim::gateway::Fen;

/// What is true of the platform at this moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct UnionPayTruth {
    /// How many backend tokens were given.
    pub backend_tokens: u64,
    /// How many chances to draw there are.
    pub chances: u64,
    /// How many industry cards there are.
    pub cards: usize,
    /// How many contracts are in force.
    pub contracts: usize,
    /// How often somebody has drawn.
    pub draws: u64,
    /// How many front tokens were given.
    pub front_tokens: u64,
    /// How much was given away in red packets, by draws too.
    pub given: Fen,
    /// How many red packets were given, by draws too.
    pub packets: u64,
    /// How many messages were pushed.
    pub pushed: u64,
}
