//! The call by which the CLI ends the plugin.
//!
//! It only throws the switch: what then happens is `serve`'s.

use tonic::{Request, Response, Status};

use super::{
    generated::{Empty, grpc_controller_server::GrpcController},
    stop::{Reason, Stop},
};

/// Answers `GRPCController`.
pub(super) struct Controller(pub(super) Stop);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.begin(Reason::Shutdown);
        Ok(Response::new(Empty {}))
    }
}
