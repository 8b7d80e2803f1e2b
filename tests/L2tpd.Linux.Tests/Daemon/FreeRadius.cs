using System.Diagnostics;

namespace L2tpd.Linux.Tests.Daemon;

/// <summary>
/// FreeRADIUS of Debian in a network namespace, with a configuration of its own in a temporary directory: users from a file, accounting to
/// a detail file. Never the system's service.
/// </summary>
internal sealed class FreeRadius : IDisposable
{
    public const string Secret = "radius-secret";

    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-radius-").FullName;
    private readonly Process _process;
    private readonly List<string> _lines = [];

    /// <param name="networkNamespace">Where it runs.</param>
    /// <param name="users">The text of its file of users.</param>
    /// <param name="change">Changes the text of its configuration; <c>null</c>: none.</param>
    public FreeRadius(string networkNamespace, string users, Func<string, string>? change = null)
    {
        File.WriteAllText($"{_directory}/users", users);
        File.WriteAllText($"{_directory}/radiusd.conf", change is null ? Configuration : change(Configuration));
        File.WriteAllText($"{_directory}/dictionary", "$INCLUDE /usr/share/freeradius/dictionary\n");
        _process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", networkNamespace, "freeradius", "-f", "-l", "stdout", "-xx",
            "-d", _directory, "-n", "radiusd"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, data) => Add(data.Data);
        _process.ErrorDataReceived += (_, data) => Add(data.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        WaitUntil(() => Output.Contains("Ready to process requests", StringComparison.Ordinal), "FreeRADIUS to be ready");
    }

    public string Output
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>The accounting records as the server stored them: attribute to value, in the order of their arrival.</summary>
    public Dictionary<string, string>[] Records() => !File.Exists($"{_directory}/detail") ? [] :
    [
        .. File.ReadAllText($"{_directory}/detail").Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static record => record
            .Split('\n').Skip(1).Select(static line => line.Trim().Split(" = ", 2)).Where(static pair => pair.Length == 2)
            .GroupBy(static pair => pair[0])
            .ToDictionary(static group => group.Key, static group => string.Join(',', group.Select(static pair => pair[1].Trim('"'))))),
    ];

    /// <summary>Waits for the record of that type, and of that user if one is given.</summary>
    public Dictionary<string, string> WaitForRecord(string type, string? user = null)
    {
        Dictionary<string, string>? Find() => Records().FirstOrDefault(record => record.GetValueOrDefault("Acct-Status-Type") == type
            && (user is null || record.GetValueOrDefault("User-Name") == user));
        WaitUntil(() => Find() is not null, $"{type} of {user}");
        return Find()!;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void Add(string? line)
    {
        lock (_lines)
            _lines.Add(line ?? "");
    }

    private void WaitUntil(Func<bool> condition, string what)
    {
        for (var watch = Stopwatch.StartNew(); !condition(); Thread.Sleep(20))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20) && !_process.HasExited, $"no {what}:\n{Output}");
        }
    }

    private string Configuration => $$"""
        prefix = /usr
        libdir = /usr/lib/freeradius
        confdir = {{_directory}}
        db_dir = {{_directory}}
        pidfile = {{_directory}}/pid
        max_requests = 1024
        cleanup_delay = 1
        security {
            allow_core_dumps = no
            allow_vulnerable_openssl = yes
        }
        client lns {
            ipaddr = 127.0.0.1
            secret = {{Secret}}
            require_message_authenticator = yes
        }
        modules {
            files {
                filename = {{_directory}}/users
            }
            pap {
            }
            chap {
            }
            mschap {
                use_mppe = no
            }
            detail {
                filename = {{_directory}}/detail
                permissions = 0600
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
                mschap
                files
                pap
            }
            authenticate {
                Auth-Type PAP {
                    pap
                }
                Auth-Type CHAP {
                    chap
                }
                Auth-Type MS-CHAP {
                    mschap
                }
            }
            accounting {
                detail
            }
        }
        """;
}
