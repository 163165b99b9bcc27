//! Compiles `proto/` into Rust with protox, so that nobody needs a `protoc`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let proto = "../proto";
    println!("cargo:rerun-if-changed={proto}");
    let files = protox::compile(["tfplugin6.proto", "goplugin.proto", "health.proto"], [proto])?;
    tonic_prost_build::configure()
        .build_client(true)
        .build_transport(false)
        .generate_default_stubs(true)
        .compile_fds(files)?;
    Ok(())
}
