using System.Diagnostics;

namespace L2tpd.Bench;

/// <summary>The RADIUS server of a benchmark: our own responder, or FreeRADIUS with one user in a file.</summary>
/// <param name="isFreeRadius">Which of the two.</param>
internal sealed class RadiusServerProgram(bool isFreeRadius)
{
    private const string Secret = "bench";

    private Process? _process;
    private Process? _accounting;

    public string Name => isFreeRadius ? "FreeRADIUS" : "the responder";

    /// <summary>The section of l2tpd's configuration.</summary>
    /// <param name="spool">Directory of the accounting spool; <c>null</c>: there is none.</param>
    public string Configuration(string? spool) =>
        "radius:\n"
        + $"  servers: {{ s: {{ address: 127.0.0.1, secret: {Secret}, {(isFreeRadius ? "" : "acct-port: 1814, ")}max-requests: 128 }} }}\n"
        + (spool is null ? "" : $"  accounting-spool: {{ directory: {spool} }}\n");

    /// <summary>Starts it in a network namespace.</summary>
    public Process Start(string space, string directory)
    {
        if (!isFreeRadius)
        {
            _process = Run(space, Environment.ProcessPath!, "radius", "1812", Secret);
            StartAccounting(space);
            return _process;
        }

        File.WriteAllText(Path.Combine(directory, "users"), "test Cleartext-Password := \"test\"\n");
        File.WriteAllText(Path.Combine(directory, "dictionary"), "");
        File.WriteAllText(Path.Combine(directory, "radiusd.conf"), FreeRadiusText(directory));
        _process = Run(space, "freeradius", "-f", "-l", Path.Combine(directory, "radius.log"), "-d", directory, "-n", "radiusd");
        // It reads its dictionaries first.
        Thread.Sleep(TimeSpan.FromSeconds(2));
        return _process;
    }

    /// <summary>Starts the responder's accounting, which is a process of its own.</summary>
    public void StartAccounting(string space) => _accounting = Run(space, Environment.ProcessPath!, "radius", "1814", Secret);

    /// <summary>Ends it: no accounting record is answered any more.</summary>
    public void StopAccounting()
    {
        _accounting?.Kill();
        _accounting?.WaitForExit();
        _accounting?.Dispose();
        _accounting = null;
    }

    /// <summary>Seconds of CPU so far.</summary>
    public double Cpu() => CpuOf(_process) + CpuOf(_accounting);

    private static double CpuOf(Process? process)
    {
        process?.Refresh();
        return process?.TotalProcessorTime.TotalSeconds ?? 0;
    }

    private static Process Run(string space, string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("ip", ["netns", "exec", space, program, .. arguments]))!;

    private static string FreeRadiusText(string directory) => $$"""
        prefix = /usr
        libdir = /usr/lib/freeradius
        confdir = {{directory}}
        db_dir = {{directory}}
        pidfile = {{directory}}/pid
        max_requests = 65536
        cleanup_delay = 1
        thread pool {
            start_servers = 4
            max_servers = 4
            max_queue_size = 65536
        }
        security {
            allow_vulnerable_openssl = yes
        }
        client lns {
            ipaddr = 127.0.0.1
            secret = {{Secret}}
        }
        modules {
            files {
                filename = {{directory}}/users
            }
            chap {
            }
            always ok {
                rcode = ok
            }
        }
        server default {
            listen {
                type = auth
                ipaddr = 127.0.0.1
                port = 1812
            }
            listen {
                type = acct
                ipaddr = 127.0.0.1
                port = 1813
            }
            authorize {
                chap
                files
            }
            authenticate {
                Auth-Type CHAP {
                    chap
                }
            }
            accounting {
                ok
            }
        }

        """;
}
