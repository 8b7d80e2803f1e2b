using System.Diagnostics;

namespace L2tpd.Bench;

/// <summary>The RADIUS server of a benchmark: our own responder, or FreeRADIUS with one user in a file.</summary>
/// <param name="isFreeRadius">Which of the two.</param>
internal sealed class RadiusServerProgram(bool isFreeRadius)
{
    private const string Secret = "bench";

    private Process? _process;

    public string Name => isFreeRadius ? "FreeRADIUS" : "the responder";

    /// <summary>The section of l2tpd's configuration.</summary>
    public string Configuration => isFreeRadius
        ? $"radius: {{ servers: {{ s: {{ address: 127.0.0.1, secret: {Secret}, max-requests: 128 }} }} }}\n"
        : $"radius: {{ servers: {{ s: {{ address: 127.0.0.1, secret: {Secret}, acct-port: 1814, max-requests: 128 }} }} }}\n";

    /// <summary>Starts it in a network namespace.</summary>
    public Process Start(string space, string directory)
    {
        if (!isFreeRadius)
        {
            _process = Run(space, Environment.ProcessPath!, "radius", "1812", Secret, "1814");
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

    /// <summary>Seconds of CPU so far.</summary>
    public double Cpu()
    {
        _process!.Refresh();
        return _process.TotalProcessorTime.TotalSeconds;
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
