//! gRPC's own health service: whoever can ask is told that the plugin serves.
//!
//! It does not look at the provider behind: a configuration that does not work is a diagnostic,
//! not an unhealthy plugin.

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, codegen::BoxStream};

use super::{
    generated::health::{
        HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus,
        health_server::Health as HealthService,
    },
    stop::Stop,
};

/// The name under which go-plugin asks; gRPC itself asks for the whole server with none.
const KNOWN: [&str; 2] = ["plugin", ""];

/// Answers `grpc.health.v1.Health`.
pub(super) struct Health(pub(super) Stop);

#[tonic::async_trait]
impl HealthService for Health {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        if KNOWN.contains(&service.as_str()) {
            Ok(Response::new(answer(ServingStatus::Serving)))
        } else {
            Err(Status::not_found(format!("no service \"{service}\" is known here")))
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let known = KNOWN.contains(&request.get_ref().service.as_str());
        let now = if known { ServingStatus::Serving } else { ServingStatus::ServiceUnknown };
        let (sender, receiver) = mpsc::channel(2);
        let stop = self.0.clone();
        tokio::spawn(async move {
            // A watcher that is gone needs no answer.
            let _ = sender.send(Ok(answer(now))).await;
            tokio::select! {
                _ = stop.begun() => if known {
                    let _ = sender.send(Ok(answer(ServingStatus::NotServing))).await;
                },
                () = sender.closed() => {}
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}
