//! The stream on which go-plugin's two sides announce further connections to each other.
//!
//! Terraform opens it at every start and sends nothing; a provider never calls back. So what
//! arrives is read and dropped, and nothing is sent.

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming, codegen::BoxStream};

use super::{
    generated::{ConnInfo, grpc_broker_server::GrpcBroker},
    stop::Stop,
};

/// Answers `GRPCBroker`.
pub(super) struct Broker(pub(super) Stop);

#[tonic::async_trait]
impl GrpcBroker for Broker {
    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        let (sender, receiver) = mpsc::channel(1);
        let stop = self.0.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = stop.begun() => {}
                () = drain(request.into_inner()) => {}
                () = sender.closed() => {}
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// Reads until the client ends the stream or the connection breaks.
async fn drain(mut announcements: Streaming<ConnInfo>) {
    while let Ok(Some(_)) = announcements.message().await {}
}
