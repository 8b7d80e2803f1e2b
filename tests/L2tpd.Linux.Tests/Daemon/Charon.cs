using System.Diagnostics;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// charon-systemd of Debian in a network namespace of the test, with its VICI socket in a temporary directory. Never the system's service.
/// IKE works without ESP in the kernel; CHILD_SAs do not.
/// </summary>
internal sealed class Charon : IDisposable
{
    private const string Program = "/usr/sbin/charon-systemd";

    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-charon-").FullName;
    private readonly string _namespace;
    private Process? _process;

    /// <param name="networkNamespace">Where it runs.</param>
    public Charon(string networkNamespace)
    {
        _namespace = networkNamespace;
        File.WriteAllText($"{_directory}/strongswan.conf", $$"""
            charon-systemd {
              load = random nonce aes sha1 sha2 hmac pem pkcs1 pkcs8 x509 constraints pubkey gmp kdf kernel-netlink socket-default vici
              plugins { vici { socket = unix://{{Socket}} } }
              retransmit_tries = 1
              retransmit_timeout = 0.3
              filelog { f { path = {{_directory}}/log
                default = 1
                flush_line = yes } }
              journal { default = -1 }
            }
            """);
        Start();
    }

    public static bool IsInstalled => File.Exists(Program);

    public string Socket => $"{_directory}/vici";

    public string Log => File.Exists($"{_directory}/log") ? File.ReadAllText($"{_directory}/log") : "";

    public void Start()
    {
        var start = new ProcessStartInfo("ip", ["netns", "exec", _namespace, Program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["STRONGSWAN_CONF"] = $"{_directory}/strongswan.conf";
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is not null)
            Kill();
        Directory.Delete(_directory, recursive: true);
    }
}
