//! The plugin as a process of its own: what it prints, what signals do, what it leaves behind.
//!
//! The process is this test program once more, told to run [`child`] only.

use std::{
    env,
    io::{BufRead as _, BufReader, Lines},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Instant,
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::Value;

use super::{
    super::{
        Serve, debug,
        generated::{Empty, grpc_controller_client::GrpcControllerClient},
        logs, panics, serve,
    },
    *,
};

/// The CLI kills after 2 s. An end with clients that take leave needs a fraction of that, and not
/// the grace for calls.
const SOON: Duration = Duration::from_secs(1);

const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Says to [`child`] what it is to do.
const PART: &str = "TFPLUGIN_TEST_PART";

#[test]
#[ignore = "is the process that the other tests of this file start"]
fn child() {
    let environment = Environment::from_process();
    panics::install("https://example.com/issues");
    logs::install(&environment, &[]);
    if env::var(PART).as_deref() == Ok("panic") {
        let _ = thread::Builder::new().name("worker".into()).spawn(|| panic!("lost")).unwrap().join();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Serve::new(environment);
    let ended = if env::var(PART).as_deref() == Ok("debug") {
        runtime.block_on(debug(options, &["example.com/acme/thing".to_owned()], Routes::default()))
    } else {
        runtime.block_on(serve(options, Routes::default()))
    };
    ended.unwrap();
}

/// The command that runs [`child`] with nothing of this process' own start in its environment.
fn child_command(directory: &Path, part: &str) -> Command {
    let (_, module) = module_path!().split_once("::").unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command
        // With one thread the name of the test would be printed in front of the handshake.
        .args([&format!("{module}::child"), "--exact", "--ignored", "--nocapture"])
        .arg("--test-threads=2")
        .env_remove("TF_LOG")
        .env_remove("TF_LOG_PROVIDER")
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_UNIX_SOCKET_DIR", directory)
        .env(PART, part)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running child.
struct Process {
    /// Where its socket is made.
    directory: TempDir,
    identity: Identity,
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    /// The line that it has printed.
    line: String,
}

impl Process {
    fn start(part: &str) -> Self {
        Self::start_by(part, |command| command)
    }

    /// Starts the command that `change` makes of the usual one.
    fn start_by(part: &str, change: impl FnOnce(Command) -> Command) -> Self {
        let directory = TempDir::new().unwrap();
        let identity = Identity::new();
        let mut command = child_command(directory.path(), part);
        command.env("PLUGIN_CLIENT_CERT", &identity.certificate_pem);
        let mut child = change(command).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = next_of_ours(&mut stdout).unwrap();
        Self { directory, identity, child, stdout, line }
    }

    /// The parts of the handshake line.
    fn handshake(&self) -> Vec<&str> {
        self.line.split('|').collect()
    }

    async fn channel(&self) -> Channel {
        let handshake = self.handshake();
        let certificate = STANDARD_NO_PAD.decode(handshake[5]).unwrap();
        let client = Client {
            address: handshake[3],
            server: Some(certificate.into()),
            identity: Some(&self.identity),
            versions: rustls::DEFAULT_VERSIONS,
        };
        client.connect().await.unwrap()
    }

    fn signal(&self, name: &str) {
        let process_id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &process_id]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end: a good one, soon, with nothing more on stdout and no socket left.
    async fn ended_within(mut self, limit: Duration) {
        let began = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(began.elapsed() < limit, "still there");
            // A client of this test must stay awake, for the server takes leave of it.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(self.child.wait().unwrap().success());
        assert_eq!(next_of_ours(&mut self.stdout), None);
        assert!(is_empty(self.directory.path()), "the socket is still there");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // For a test that has failed; one that has passed leaves no process.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next line that is not of the test program's own making.
fn next_of_ours(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<String> {
    let of_the_program = ["running ", "test "];
    lines
        .map(Result::unwrap)
        .find(|line| !line.is_empty() && !of_the_program.iter().any(|start| line.starts_with(start)))
}

fn is_empty(directory: &Path) -> bool {
    std::fs::read_dir(directory).unwrap().next().is_none()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_cli_finds_calls_and_ends_it() {
    let process = Process::start("serve");
    let handshake = process.handshake();
    assert_eq!(handshake.len(), 6, "{handshake:?}");
    assert_eq!(handshake[..3], ["1", "6", "unix"]);
    assert_eq!(handshake[4], "grpc");
    let socket = PathBuf::from(handshake[3]);
    assert!(socket.starts_with(process.directory.path()));
    assert_eq!(mode(socket.parent().unwrap()), 0o700);
    assert_eq!(mode(&socket), 0o600);
    let channel = process.channel().await;
    assert_eq!(health_of(channel.clone(), "plugin").await.unwrap(), ServingStatus::Serving);
    GrpcControllerClient::new(channel).shutdown(Empty {}).await.unwrap();
    process.ended_within(SOON).await;
}

#[tokio::test]
async fn an_interrupt_is_ignored_and_a_termination_ends_it() {
    let process = Process::start("serve");
    let channel = process.channel().await;
    process.signal("INT");
    process.signal("INT");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(health_of(channel, "plugin").await.unwrap(), ServingStatus::Serving);
    process.signal("TERM");
    process.ended_within(SOON).await;
}

#[tokio::test]
async fn a_closed_terminal_ends_it() {
    let process = Process::start("serve");
    process.signal("HUP");
    process.ended_within(SOON).await;
}

/// A shell starts the plugin, waits for the end of its input, and is gone.
#[test]
fn a_cli_that_is_gone_takes_the_plugin_with_it() {
    let mut process = Process::start_by("serve", |command| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", r#""$@" </dev/null & read -r _; exit 0"#, "sh"])
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell
    });
    assert!(!is_empty(process.directory.path()));
    drop(process.child.stdin.take());
    let began = Instant::now();
    while !is_empty(process.directory.path()) {
        assert!(began.elapsed() < Duration::from_secs(6), "still there");
        thread::sleep(Duration::from_millis(50));
    }
    // The end of stdout is the end of the process, for it has held it open.
    assert_eq!(next_of_ours(&mut process.stdout), None);
}

#[tokio::test]
async fn for_debugging_it_is_plain_and_ends_at_an_interrupt() {
    let mut process = Process::start("debug");
    assert_eq!(process.line, "This provider runs until Ctrl-C.");
    assert!(next_of_ours(&mut process.stdout).unwrap().contains("in another shell"));
    let line = next_of_ours(&mut process.stdout).unwrap();
    let value = line.strip_prefix("export TF_REATTACH_PROVIDERS='").unwrap();
    let value: Value = serde_json::from_str(value.strip_suffix('\'').unwrap()).unwrap();
    let entry = &value["example.com/acme/thing"];
    assert_eq!(entry["Pid"], process.child.id());
    assert_eq!(entry["Addr"]["Network"], "unix");
    let client = Client {
        address: entry["Addr"]["String"].as_str().unwrap(),
        server: None,
        identity: None,
        versions: rustls::DEFAULT_VERSIONS,
    };
    let channel = client.connect().await.unwrap();
    assert_eq!(health_of(channel, "plugin").await.unwrap(), ServingStatus::Serving);
    process.signal("INT");
    process.ended_within(SOON).await;
}

/// What the child has written on stderr when it has ended.
async fn stderr_of(part: &str, log: Option<&str>) -> Vec<Value> {
    let mut process = Process::start_by(part, |mut command| {
        if let Some(level) = log {
            command.env("TF_LOG_PROVIDER", level);
        }
        command
    });
    let stderr = process.child.stderr.take().unwrap();
    process.signal("TERM");
    process.ended_within(SOON).await;
    let lines = BufReader::new(stderr).lines().map(Result::unwrap);
    lines.map(|line| serde_json::from_str(&line).unwrap()).collect()
}

#[tokio::test]
async fn logs_go_to_stderr_when_they_are_wanted() {
    assert_eq!(stderr_of("serve", None).await, Vec::<Value>::new());
    let lines = stderr_of("serve", Some("DEBUG")).await;
    let end = lines.iter().find(|line| line["@message"] == "the plugin ends").unwrap();
    assert_eq!(end["@level"], "debug");
    assert_eq!(end["reason"], "Terminated");
}

#[tokio::test]
async fn a_panic_is_one_line_on_stderr_and_the_plugin_lives_on() {
    let lines = stderr_of("panic", None).await;
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    let message = line["@message"].as_str().unwrap();
    assert!(message.starts_with("a call panicked: lost, at "), "{message}");
    assert!(message.contains("process.rs:"), "{message}");
    assert!(message.contains("in thread worker"), "{message}");
    assert!(message.ends_with("at https://example.com/issues"), "{message}");
}

/// What the child says when it is started as `change` has it, instead of a handshake.
fn refusal(change: impl FnOnce(&mut Command)) -> String {
    let directory = TempDir::new().unwrap();
    let mut command = child_command(directory.path(), "serve");
    change(&mut command);
    let output = command.output().unwrap();
    assert!(!output.status.success());
    assert!(!String::from_utf8(output.stdout).unwrap().contains("1|6|"));
    assert!(is_empty(directory.path()), "a socket is left");
    String::from_utf8(output.stderr).unwrap()
}

/// What makes a start differ from a good one.
type Change<'a> = &'a dyn Fn(&mut Command);

#[test]
fn a_start_that_cannot_work_is_refused_before_anything_is_opened() {
    let certificate = Identity::new().certificate_pem;
    let cases: [(&str, Change<'_>); 4] = [
        ("NotAPlugin", &|command| {
            command.env_remove("TF_PLUGIN_MAGIC_COOKIE");
        }),
        ("NoCommonProtocol(\\\"5\\\")", &|command| {
            command.env("PLUGIN_PROTOCOL_VERSIONS", "5");
        }),
        ("NoClientCertificate", &|_| {}),
        ("UnknownGroup(\\\"no such group\\\")", &|command| {
            command.env("PLUGIN_CLIENT_CERT", &certificate).env("PLUGIN_UNIX_SOCKET_GROUP", "no such group");
        }),
    ];
    for (expected, change) in cases {
        let text = refusal(change);
        assert!(text.contains(expected), "{expected}: {text}");
    }
}
