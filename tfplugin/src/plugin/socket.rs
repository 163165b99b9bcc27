//! Where the server listens: a Unix socket that only its owner can reach, or a local TCP port on
//! Windows.
//!
//! It does not know what is spoken on a connection.

#[cfg(unix)]
use std::path::Path;
use std::{
    io,
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpListener,
};
use tonic::transport::server::Connected;

use super::{Environment, ServeError};

/// What go-plugin takes where the client names no range.
const PORTS: (u16, u16) = (10_000, 25_000);

/// Waits for connections. Dropped, it takes the socket and its folder with it.
pub(super) enum Listener {
    #[cfg(unix)]
    Unix { listener: tokio::net::UnixListener, path: PathBuf, _directory: tempfile::TempDir },
    #[cfg_attr(unix, allow(dead_code, reason = "made on Windows, and in tests"))]
    Tcp { listener: TcpListener, port: u16 },
}

impl Listener {
    /// Opens what this operating system is given.
    #[cfg(unix)]
    pub(super) fn bind(environment: &Environment) -> Result<Self, ServeError> {
        Self::bind_unix(environment)
    }

    /// Opens what this operating system is given.
    #[cfg(not(unix))]
    pub(super) fn bind(environment: &Environment) -> Result<Self, ServeError> {
        Self::bind_tcp(environment)
    }

    #[cfg(unix)]
    fn bind_unix(environment: &Environment) -> Result<Self, ServeError> {
        use std::{env, fs::Permissions, os::unix::fs::PermissionsExt as _};

        let parent = environment.socket_directory.clone().unwrap_or_else(env::temp_dir);
        // The path is short because the system allows some hundred bytes for it.
        let directory = tempfile::Builder::new()
            .prefix("plugin")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&parent)
            .map_err(|cause| ServeError::Listen(parent, cause))?;
        let path = directory.path().join("socket");
        let failed = |cause| ServeError::Listen(path.clone(), cause);
        let listener = tokio::net::UnixListener::bind(&path).map_err(failed)?;
        set_mode(&path, 0o600).map_err(failed)?;
        if let Some(name) = &environment.socket_group {
            let group = group_id(name).ok_or_else(|| ServeError::UnknownGroup(name.clone()))?;
            admit(group, directory.path(), &path).map_err(failed)?;
        }
        Ok(Self::Unix { listener, path, _directory: directory })
    }

    #[cfg_attr(unix, allow(dead_code, reason = "used on Windows, and in tests"))]
    fn bind_tcp(environment: &Environment) -> Result<Self, ServeError> {
        let min = environment.min_port.unwrap_or(PORTS.0);
        let max = environment.max_port.unwrap_or(PORTS.1);
        let bound = (min..=max).find_map(|port| bind_port(port).ok());
        let (listener, port) = bound.ok_or(ServeError::NoFreePort(min, max))?;
        Ok(Self::Tcp { listener, port })
    }

    /// `unix` or `tcp`, as the handshake line says it.
    pub(super) fn network(&self) -> &'static str {
        match self {
            #[cfg(unix)]
            Self::Unix { .. } => "unix",
            Self::Tcp { .. } => "tcp",
        }
    }

    /// The path, or host and port.
    ///
    /// # Errors
    /// [`ServeError::SocketPath`] for a path that would break the handshake line.
    pub(super) fn address(&self) -> Result<String, ServeError> {
        match self {
            #[cfg(unix)]
            Self::Unix { path, .. } => match path.to_str() {
                Some(text) if !text.contains(['|', '\n', '\r']) => Ok(text.to_owned()),
                Some(_) | None => Err(ServeError::SocketPath(path.clone())),
            },
            Self::Tcp { port, .. } => Ok(format!("127.0.0.1:{port}")),
        }
    }

    /// Waits for the next connection.
    pub(super) async fn accept(&self) -> io::Result<Connection> {
        match self {
            #[cfg(unix)]
            Self::Unix { listener, .. } => Ok(Connection::new(listener.accept().await?.0)),
            Self::Tcp { listener, .. } => {
                let stream = listener.accept().await?.0;
                stream.set_nodelay(true)?;
                Ok(Connection::new(stream))
            }
        }
    }
}

fn bind_port(port: u16) -> io::Result<(TcpListener, u16)> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    Ok((TcpListener::from_std(listener)?, port))
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::{fs, os::unix::fs::PermissionsExt as _};
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Lets a group pass through the folder and use the socket, and nothing more.
#[cfg(unix)]
fn admit(group: u32, directory: &Path, socket: &Path) -> io::Result<()> {
    use std::os::unix::fs::chown;
    chown(socket, None, Some(group))?;
    set_mode(socket, 0o660)?;
    chown(directory, None, Some(group))?;
    set_mode(directory, 0o710)
}

/// The number of a group, given by number or by its name in `/etc/group`.
#[cfg(unix)]
fn group_id(name: &str) -> Option<u32> {
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    let groups = std::fs::read_to_string("/etc/group").ok()?;
    groups.lines().find_map(|line| {
        let mut parts = line.split(':');
        (parts.next()? == name).then(|| parts.nth(1)?.parse().ok())?
    })
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// One connection, encrypted or not, in the form that tonic serves.
pub(super) struct Connection(Box<dyn Duplex>);

impl Connection {
    pub(super) fn new(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self(Box::new(stream))
    }
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[tokio::test]
    async fn a_port_is_taken_from_the_range() {
        let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let within =
            |max_port| Environment { min_port: Some(port), max_port: Some(max_port), ..Environment::default() };
        let refusal = Listener::bind_tcp(&within(port)).err().unwrap();
        assert!(matches!(refusal, ServeError::NoFreePort(min, max) if min == port && max == port));
        let listener = Listener::bind_tcp(&within(port.saturating_add(50))).unwrap();
        assert_eq!(listener.network(), "tcp");
        let address: std::net::SocketAddr = listener.address().unwrap().parse().unwrap();
        assert!(address.ip().is_loopback());
        assert!((port + 1..=port + 50).contains(&address.port()), "{address}");
        let (client, served) = tokio::join!(tokio::net::TcpStream::connect(address), listener.accept());
        client.unwrap();
        served.unwrap();
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_group_may_pass_and_connect_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let own = std::os::unix::fs::MetadataExt::gid(&parent.path().metadata().unwrap());
        let environment = Environment {
            socket_directory: Some(parent.path().to_owned()),
            socket_group: Some(own.to_string()),
            ..Environment::default()
        };
        let listener = Listener::bind(&environment).unwrap();
        let socket = PathBuf::from(listener.address().unwrap());
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&socket), 0o660);
        assert_eq!(mode(socket.parent().unwrap()), 0o710);
    }

    #[cfg(unix)]
    #[test]
    fn groups_are_found_by_name_and_number() {
        assert_eq!(group_id("12"), Some(12));
        assert_eq!(group_id("no such group"), None);
        let groups = std::fs::read_to_string("/etc/group").unwrap();
        let (name, rest) = groups.lines().next().unwrap().split_once(':').unwrap();
        let number = rest.split(':').nth(1).unwrap().parse().unwrap();
        assert_eq!(group_id(name), Some(number));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_path_that_would_break_the_handshake_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let odd = parent.path().join("a|b");
        std::fs::create_dir(&odd).unwrap();
        let environment = Environment { socket_directory: Some(odd), ..Environment::default() };
        let refusal = Listener::bind(&environment).unwrap().address().unwrap_err();
        assert!(matches!(refusal, ServeError::SocketPath(_)));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let environment = Environment { socket_directory: Some("/no/such/folder".into()), ..Environment::default() };
        let refusal = Listener::bind(&environment).err().unwrap().to_string();
        assert!(refusal.starts_with("cannot listen on /no/such/folder: "), "{refusal}");
        assert!(refusal.contains("Set TMPDIR"), "{refusal}");
    }
}
