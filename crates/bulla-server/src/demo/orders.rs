//! `/api/orders` and `/api/orders/{id}`: in memory, and only so many.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Demo, visitor::Visitor};
use crate::edge::{json_body::JsonBody, location::PathSegment, refused::Refused, time::rfc3339};

/// With one more, the oldest is forgotten: at 64 KiB each, never more than 16 MiB.
const MAX_ORDERS: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    items: Vec<Value>,
}

#[derive(Clone, Serialize)]
pub(super) struct Order {
    id: String,
    user_id: String,
    items: Vec<Value>,
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
pub(super) struct OrderBook(Mutex<VecDeque<Order>>);

impl OrderBook {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Order>> {
        // No holder leaves an order half written, so a poisoned lock guards nothing broken.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, order: Order) {
        let mut orders = self.lock();
        if orders.len() == MAX_ORDERS {
            orders.pop_front();
        }
        orders.push_back(order);
    }

    /// Forgets what this user ordered.
    pub(super) fn forget(&self, user: &str) {
        self.lock().retain(|order| order.user_id != user);
    }
}

/// Places an order of any items.
pub(super) async fn place(
    State(demo): State<Demo>,
    visitor: Visitor,
    JsonBody(wish): JsonBody<Wish>,
) -> (StatusCode, Json<OrderAnswer>) {
    let order = Order {
        id: format!("ord_{}", demo.issuer.random_id()),
        user_id: visitor.subject,
        items: wish.items,
        created_at: rfc3339(demo.issuer.now()),
    };
    demo.orders.add(order.clone());
    (StatusCode::CREATED, Json(OrderAnswer { order }))
}

/// The caller's own orders, the newest first.
pub(super) async fn list(State(demo): State<Demo>, visitor: Visitor) -> Json<OrdersAnswer> {
    let orders = demo.orders.lock();
    let own = orders
        .iter()
        .rev()
        .filter(|order| order.user_id == visitor.subject);
    Json(OrdersAnswer {
        orders: own.cloned().collect(),
    })
}

/// One of the caller's own orders; another's is as unknown as none.
pub(super) async fn show(
    State(demo): State<Demo>,
    visitor: Visitor,
    PathSegment(id): PathSegment,
) -> Result<Json<OrderAnswer>, Refused> {
    let orders = demo.orders.lock();
    let order = orders
        .iter()
        .find(|order| order.id == id && order.user_id == visitor.subject);
    let order = order.cloned().ok_or_else(|| Refused::not_found("order"))?;
    Ok(Json(OrderAnswer { order }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(id: usize, user: &str) -> Order {
        Order {
            id: id.to_string(),
            user_id: user.to_owned(),
            items: Vec::new(),
            created_at: String::new(),
        }
    }

    #[test]
    fn the_oldest_order_makes_room_for_one_too_many() {
        let book = OrderBook::default();
        for id in 0..=MAX_ORDERS {
            book.add(order(id, "usr_a"));
        }
        let orders = book.lock();
        assert_eq!(orders.len(), MAX_ORDERS);
        assert_eq!(orders.front().map(|order| order.id.as_str()), Some("1"));
    }

    #[test]
    fn only_the_deleted_users_orders_are_forgotten() {
        let book = OrderBook::default();
        book.add(order(1, "usr_a"));
        book.add(order(2, "usr_b"));
        book.forget("usr_a");
        let left: Vec<_> = book.lock().iter().map(|order| order.id.clone()).collect();
        assert_eq!(left, ["2"]);
    }
}
