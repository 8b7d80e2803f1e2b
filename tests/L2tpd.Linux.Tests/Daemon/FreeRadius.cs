using System.Diagnostics;
using L2tpd.Runtime.Processes;

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

    private readonly FreeRadiusOptions _options;

    /// <param name="networkNamespace">Where it runs.</param>
    /// <param name="users">The text of its file of users.</param>
    /// <param name="options">What differs from the usual; <c>null</c>: nothing.</param>
    /// <param name="change">Changes the text of its configuration; <c>null</c>: none.</param>
    public FreeRadius(
        string networkNamespace, string users, FreeRadiusOptions? options = null, Func<string, string>? change = null)
    {
        _options = options ?? new FreeRadiusOptions();
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

    /// <summary>Stops the process where it is, as a server whose machine hangs.</summary>
    public void Freeze() => Signal(19);

    /// <summary>Lets it go on.</summary>
    public void Thaw() => Signal(18);

    public void Dispose()
    {
        if (!Directory.Exists(_directory))
            return;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void Signal(int signal) =>
        Assert.True(StrayProcess.TrySignal(new ProcessIdentity(_process.Id, ProcessTable.StartTimeOf(_process.Id) ?? 0), signal), Output);

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
            status_server = yes
        }
        thread pool {
            start_servers = 2
            max_servers = 4
        }
        client lns {
            ipaddr = 127.0.0.1
            secret = {{_options.Secret}}
            require_message_authenticator = yes
        }
        {{TlsClients}}
        modules {
            always ok {
                rcode = ok
            }
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
                ipaddr = {{_options.Address}}
                port = 1812
            }
            listen {
                type = acct
                ipaddr = {{_options.Address}}
                port = 1813
            }
            {{TlsListener}}
            authorize {
                chap
                mschap
                files
                pap
                Autz-Type Status-Server {
                    ok
                }
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
            {{PostAuth}}
        }
        """;

    // Before 3.2.5 the server puts a Message-Authenticator into its answers only if its configuration says so.
    private string PostAuth => !_options.SendsMessageAuthenticator ? "" :
        """
        post-auth {
            update reply {
                &Message-Authenticator := 0x00
            }
            Post-Auth-Type REJECT {
                update reply {
                    &Message-Authenticator := 0x00
                }
            }
        }
        """;

    private string TlsClients => _options.TlsDirectory is null ? "" :
        "clients radsec { client tls { ipaddr = 127.0.0.1, proto = tls, secret = radsec } }";

    private string TlsListener => _options.TlsDirectory is not { } directory ? "" :
        $$"""
        listen {
            type = auth+acct
            ipaddr = 127.0.0.1
            port = 2083
            proto = tcp
            clients = radsec
            tls {
                private_key_file = {{directory}}/server.key
                certificate_file = {{directory}}/server.pem
                ca_file = {{directory}}/ca.pem
                require_client_cert = yes
            }
        }
        """;
}

/// <summary>What differs between servers of tests.</summary>
internal sealed record FreeRadiusOptions
{
    /// <summary>The address of its UDP ports.</summary>
    public string Address { get; init; } = "127.0.0.1";

    public string Secret { get; init; } = FreeRadius.Secret;

    /// <summary>Whether its answers to Access-Requests have a Message-Authenticator.</summary>
    public bool SendsMessageAuthenticator { get; init; }

    /// <summary>A directory with ca.pem, server.pem and server.key; <c>null</c>: no port for TLS.</summary>
    public string? TlsDirectory { get; init; }
}
