//! Readers of a fresh token while another takes its place.

use super::explore::explore;
use super::*;

/// What one thread reads, call after call.
fn reads(stage: &Stage, calls: usize) -> Vec<usize> {
    (0..calls).map(|_| stage.call().unwrap()).collect()
}

#[test]
fn who_has_seen_a_token_is_handed_none_that_is_older() {
    explore("readers_and_a_renewal", || {
        let stage = Stage::warm();
        stage.clock.advance(85_000);
        // More than there are replicas, so that they get into each other's way.
        let readers: Vec<_> = (0..4)
            .map(|_| stage.spawn(|stage| reads(stage, 4)))
            .collect();
        for seen in readers.into_iter().map(joined) {
            assert!(seen.is_sorted(), "{seen:?}");
        }
        stage.script.wait_until_asked(2);
        stage.assert_requests(2);
    });
}

#[test]
fn nobody_is_handed_an_expired_token() {
    explore("readers_and_an_expiry", || {
        let stage = Stage::warm();
        let ends = stage.clock.wall_ms() + LIFE_MS;
        let readers: Vec<_> = (0..3)
            .map(|_| {
                stage.spawn(move |stage| {
                    for _ in 0..3 {
                        let asked = stage.clock.wall_ms();
                        let token = stage.call().unwrap();
                        assert!(token > 1 || asked < ends, "at {asked}");
                    }
                })
            })
            .collect();
        for ms in [60_000, 25_000, 10_000, 10_000] {
            stage.clock.advance(ms);
        }
        readers.into_iter().for_each(joined);
        stage.assert_alone();
    });
}
