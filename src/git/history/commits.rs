//! The commits of a history: who follows whom, and one order for all readers.

use crate::change::Oid;
use smallvec::SmallVec;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// What the order of commits depends on.
#[derive(Clone, Debug)]
pub(super) struct Node<K> {
    /// Names the commit.
    pub(super) key: K,
    pub(super) oid: Oid,
    pub(super) parents: SmallVec<[K; 2]>,
    /// When it was committed, in seconds since 1970, as claimed.
    pub(super) time: i64,
}

/// Positions of `nodes`, parents before children; of those that could come next the one that was committed
/// first, then the one with the lowest id. Depends on nothing but the commits. Parents that are not among the
/// nodes do not count; what is its own ancestor, which only damage makes, is left out.
pub(super) fn in_order<K: Copy + Eq + std::hash::Hash>(nodes: &[Node<K>]) -> Vec<usize> {
    let by_key: HashMap<K, usize> = nodes.iter().enumerate().map(|(n, node)| (node.key, n)).collect();
    let mut waiting = vec![0u32; nodes.len()];
    let mut children: Vec<SmallVec<[u32; 2]>> = vec![SmallVec::new(); nodes.len()];
    for (n, node) in nodes.iter().enumerate() {
        for parent in node.parents.iter().filter_map(|p| by_key.get(p)) {
            if let (Some(children), Some(waiting)) = (children.get_mut(*parent), waiting.get_mut(n)) {
                children.push(n as u32);
                *waiting += 1;
            }
        }
    }
    let entry = |n: usize| nodes.get(n).map(|node| Reverse((node.time, node.oid, n)));
    let mut ready: BinaryHeap<_> = (0..nodes.len()).filter(|n| waiting.get(*n) == Some(&0)).filter_map(entry).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse((_, _, n))) = ready.pop() {
        order.push(n);
        for &child in children.get(n).into_iter().flatten() {
            let Some(left) = waiting.get_mut(child as usize) else { continue };
            *left -= 1;
            if *left == 0 {
                ready.extend(entry(child as usize));
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(key: u8, parents: &[u8], time: i64) -> Node<u8> {
        let oid = Oid::from_bytes(&[key; 20]).unwrap();
        Node { key, oid, parents: parents.iter().copied().collect(), time }
    }

    #[test]
    fn parents_come_first_and_age_decides_the_rest() {
        let nodes = [node(5, &[3, 4], 9), node(4, &[1], 1), node(3, &[1, 99], 2), node(1, &[], 8), node(2, &[], 8)];
        let keys = |nodes: &[Node<u8>]| in_order(nodes).into_iter().map(|n| nodes[n].key).collect::<Vec<_>>();
        assert_eq!(keys(&nodes), [1, 4, 3, 2, 5]);
        let mut other = nodes.to_vec();
        other.reverse();
        assert_eq!(keys(&other), [1, 4, 3, 2, 5]);
        // the same parent twice, and a commit that says it is its own ancestor
        assert_eq!(keys(&[node(1, &[2, 2], 1), node(2, &[], 2), node(3, &[3], 0)]), [2, 1]);
    }
}
