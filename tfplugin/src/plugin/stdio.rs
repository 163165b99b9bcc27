//! The stream on which go-plugin would carry what a plugin prints.
//!
//! We print nothing after the handshake, and logs take stderr itself, so the stream stays open and
//! silent: to refuse it would make each CLI log a warning.

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, codegen::BoxStream};

use super::{
    generated::{Empty, StdioData, grpc_stdio_server::GrpcStdio},
    stop::Stop,
};

/// Answers `GRPCStdio`.
pub(super) struct Stdio(pub(super) Stop);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    async fn stream_stdio(&self, _: Request<Empty>) -> Result<Response<BoxStream<StdioData>>, Status> {
        let (sender, receiver) = mpsc::channel(1);
        let stop = self.0.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = stop.begun() => {}
                () = sender.closed() => {}
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}
