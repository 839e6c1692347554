//! `/api/orders` and `/api/orders/{id}`: in memory, and only so many.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use super::{Demo, visitor::Visitor};
use crate::edge::{json_body::JsonBody, location::PathSegment, refused::Refused, time::rfc3339};

/// With one more, the user's oldest is forgotten.
const ORDERS_OF_ONE: usize = 64;
/// With more than this, too: a list of one's orders is not longer.
const BYTES_OF_ONE: usize = 512 << 10;
/// With more than this, the oldest of all is forgotten.
const BYTES_OF_ALL: usize = 8 << 20;
/// What an order takes besides its items, generously.
const BYTES_AROUND: usize = 512;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    items: Vec<Value>,
}

/// The items are an array as JSON text: as values, small ones would take a hundred times their length.
#[derive(Clone, Serialize)]
pub(super) struct Order {
    id: String,
    user_id: String,
    items: Box<RawValue>,
    created_at: String,
}

#[derive(Serialize)]
pub(super) struct OrderAnswer {
    order: Order,
}

#[derive(Serialize)]
pub(super) struct OrdersAnswer {
    orders: Vec<Order>,
}

/// All orders, the oldest first.
#[derive(Default)]
pub(super) struct OrderBook(Mutex<Orders>);

#[derive(Default)]
struct Orders {
    queue: VecDeque<Order>,
    /// Of all in the queue.
    bytes: usize,
}

impl Order {
    fn bytes(&self) -> usize {
        self.items.get().len() + BYTES_AROUND
    }
}

impl Orders {
    fn of<'a>(&'a self, user: &'a str) -> impl DoubleEndedIterator<Item = &'a Order> {
        self.queue.iter().filter(move |order| order.user_id == user)
    }

    fn forget_the_oldest_of(&mut self, user: &str) {
        let oldest = self.queue.iter().position(|order| order.user_id == user);
        if let Some(order) = oldest.and_then(|index| self.queue.remove(index)) {
            self.bytes -= order.bytes();
        }
    }

    fn is_too_much(&self, user: &str) -> bool {
        let count = self.of(user).count();
        let bytes: usize = self.of(user).map(Order::bytes).sum();
        count > 1 && (count > ORDERS_OF_ONE || bytes > BYTES_OF_ONE)
    }
}

impl OrderBook {
    fn lock(&self) -> MutexGuard<'_, Orders> {
        // No holder leaves an order half written, so a poisoned lock guards nothing broken.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, order: Order) {
        let mut orders = self.lock();
        let user = order.user_id.clone();
        orders.bytes += order.bytes();
        orders.queue.push_back(order);
        while orders.is_too_much(&user) {
            orders.forget_the_oldest_of(&user);
        }
        while orders.bytes > BYTES_OF_ALL
            && let Some(oldest) = orders.queue.pop_front()
        {
            orders.bytes -= oldest.bytes();
        }
    }

    /// Forgets what this user ordered.
    pub(super) fn forget(&self, user: &str) {
        let mut orders = self.lock();
        orders.queue.retain(|order| order.user_id != user);
        orders.bytes = orders.queue.iter().map(Order::bytes).sum();
    }
}

/// Places an order of any items.
pub(super) async fn place(
    State(demo): State<Demo>,
    visitor: Visitor,
    JsonBody(wish): JsonBody<Wish>,
) -> Result<(StatusCode, Json<OrderAnswer>), Refused> {
    let items =
        to_raw_value(&wish.items).map_err(|_| Refused::field("items", "they cannot be kept"))?;
    drop(wish);
    let order = Order {
        id: format!("ord_{}", demo.issuer.random_id()),
        user_id: visitor.subject,
        items,
        created_at: rfc3339(demo.issuer.now()),
    };
    demo.orders.add(order.clone());
    Ok((StatusCode::CREATED, Json(OrderAnswer { order })))
}

/// The caller's own orders, the newest first.
pub(super) async fn list(State(demo): State<Demo>, visitor: Visitor) -> Json<OrdersAnswer> {
    let orders = demo.orders.lock();
    Json(OrdersAnswer {
        orders: orders.of(&visitor.subject).rev().cloned().collect(),
    })
}

/// One of the caller's own orders; another's is as unknown as none.
pub(super) async fn show(
    State(demo): State<Demo>,
    visitor: Visitor,
    PathSegment(id): PathSegment,
) -> Result<Json<OrderAnswer>, Refused> {
    let orders = demo.orders.lock();
    let order = orders.of(&visitor.subject).find(|order| order.id == id);
    let order = order.cloned().ok_or_else(|| Refused::not_found("order"))?;
    Ok(Json(OrderAnswer { order }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(id: usize, user: &str) -> Order {
        large_order(id, user, 0)
    }

    fn large_order(id: usize, user: &str, bytes: usize) -> Order {
        Order {
            id: id.to_string(),
            user_id: user.to_owned(),
            items: to_raw_value(&["x".repeat(bytes)]).unwrap(),
            created_at: String::new(),
        }
    }

    fn ids(book: &OrderBook, user: &str) -> Vec<String> {
        let orders = book.lock();
        orders.of(user).map(|order| order.id.clone()).collect()
    }

    #[test]
    fn the_users_oldest_order_makes_room_for_one_too_many() {
        let book = OrderBook::default();
        book.add(order(1000, "usr_b"));
        for id in 0..=ORDERS_OF_ONE {
            book.add(order(id, "usr_a"));
        }
        let left = ids(&book, "usr_a");
        assert_eq!((left.len(), left[0].as_str()), (ORDERS_OF_ONE, "1"));
        assert_eq!(ids(&book, "usr_b"), ["1000"]);
    }

    #[test]
    fn a_list_of_orders_has_an_end() {
        let book = OrderBook::default();
        for id in 0..20 {
            book.add(large_order(id, "usr_a", 60 << 10));
        }
        assert_eq!(ids(&book, "usr_a").last().map(String::as_str), Some("19"));
        let bytes: usize = book.lock().of("usr_a").map(Order::bytes).sum();
        assert!(bytes <= BYTES_OF_ONE, "{bytes}");
        assert!(ids(&book, "usr_a").len() >= 7);
    }

    #[test]
    fn all_orders_together_have_an_end() {
        let book = OrderBook::default();
        for id in 0..300 {
            book.add(large_order(id, &format!("usr_{id}"), 60 << 10));
        }
        let orders = book.lock();
        let bytes: usize = orders.queue.iter().map(Order::bytes).sum();
        assert_eq!(orders.bytes, bytes);
        assert!(
            bytes <= BYTES_OF_ALL && bytes > BYTES_OF_ALL - (64 << 10),
            "{bytes}"
        );
        assert_eq!(
            orders.queue.back().map(|order| order.id.as_str()),
            Some("299")
        );
    }

    #[test]
    fn only_the_deleted_users_orders_are_forgotten() {
        let book = OrderBook::default();
        book.add(order(1, "usr_a"));
        book.add(order(2, "usr_b"));
        book.forget("usr_a");
        assert_eq!(ids(&book, "usr_a"), [""; 0]);
        assert_eq!(ids(&book, "usr_b"), ["2"]);
        assert_eq!(book.lock().bytes, order(2, "usr_b").bytes());
    }
}
