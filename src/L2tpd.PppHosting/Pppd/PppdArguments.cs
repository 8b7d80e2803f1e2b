using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using L2tpd.Configuration;

namespace L2tpd.PppHosting.Pppd;

/// <summary>Turns a PPP profile into a pppd command line (pppd 2.4.9 and 2.5, kernel.md section 7).</summary>
public static class PppdArguments
{
    // pppd's MAXWORDLEN is 1,024 with the closing zero; a fact longer than this is cut.
    private const int LongestFact = 900;

    private static readonly (PppAuthentication Protocol, string Word)[] Protocols =
    [
        (PppAuthentication.Pap, "pap"),
        (PppAuthentication.Chap, "chap"),
        (PppAuthentication.MsChap, "mschap"),
        (PppAuthentication.MsChapV2, "mschap-v2"),
        (PppAuthentication.Eap, "eap"),
    ];

    /// <summary>
    /// Arguments after the program's name. No secret and nothing the peer said is among them: any user may read a command line.
    /// </summary>
    public static ImmutableArray<string> For(PppProfile profile, PppdSession session)
    {
        var arguments = ImmutableArray.CreateBuilder<string>();
        AddPlugin(arguments, session);
        AddLink(arguments, profile, session);
        AddAuthentication(arguments, profile, session.Server);
        AddNetwork(arguments, profile, session);
        if (profile.OptionsFile is not null)
            arguments.AddRange("file", profile.OptionsFile);
        arguments.AddRange(profile.Options);
        // Last: the user's own options do not change who we are, nor hide a fact.
        if (session.OptionsPath is not null)
            arguments.AddRange("file", session.OptionsPath);
        return arguments.DrainToImmutable();
    }

    /// <summary>
    /// Options that may not stand on the command line (user, password, facts for pppd's scripts), for the file at
    /// <see cref="PppdSession.OptionsPath"/>; empty: none. Holds the password: write it where only pppd can read, such as a memfd.
    /// </summary>
    public static string OptionsText(PppProfile profile, PppdSession session)
    {
        var text = new StringBuilder();
        if (profile.User is not null)
            text.Append("user ").Append(Quoted(profile.User)).Append('\n');
        if (profile.Password is not null)
            text.Append("password ").Append(Quoted(profile.Password.RevealText())).Append('\n');
        foreach (var (name, value) in session.Variables)
            text.Append("set ").Append(Quoted($"{name}={Cut(value)}")).Append('\n');
        return text.ToString();
    }

    /// <summary>
    /// The session's name as pppd's <c>ipparam</c>, for the file at <see cref="PppdSession.NamePath"/>: read early, so that the user's own
    /// options count more.
    /// </summary>
    public static string NameText(PppdSession session) => $"ipparam {Quoted(Cut(session.Name))}\n";

    private static void AddPlugin(ImmutableArray<string>.Builder arguments, PppdSession session)
    {
        arguments.AddRange("plugin", "pppol2tp.so", "pppol2tp", Number(session.SocketDescriptor));
        if (session.Server)
            arguments.Add("pppol2tp_lns_mode");
        arguments.AddRange("pppol2tp_tunnel_id", Number(session.TunnelId.Value), "pppol2tp_session_id", Number(session.SessionId.Value));
        if (session.SendSequence)
            arguments.Add("pppol2tp_send_seq");
        if (session.RequireSequence)
            arguments.Add("pppol2tp_recv_seq");
        if (session.ReorderTimeout > TimeSpan.Zero)
            arguments.AddRange("pppol2tp_reorderto", Number((long)Math.Ceiling(session.ReorderTimeout.TotalMilliseconds)));
    }

    // Every word that a distribution's /etc/ppp/options may have set the other way is said outright: pppd always reads that file first.
    private static void AddLink(ImmutableArray<string>.Builder arguments, PppProfile profile, PppdSession session)
    {
        arguments.AddRange("nodetach", "nopersist", "lcp-max-terminate", "0", "logfd", "2", "file", session.NamePath);
        // lcp-max-terminate 0: one Terminate-Request, and no wait for its answer. When pppd is told to stop, the call is over at both
        // ends, and nobody would answer; when it stops by itself, the CDN that follows says the rest.
        // L2TP carries whole frames: compressing the header saves octets that the kernel adds back, and confuses some peers.
        arguments.AddRange("noaccomp", "nopcomp", "novj", "novjccomp", "nobsdcomp", "nodeflate");
        arguments.AddRange("mtu", Number(profile.Mtu), "mru", Number(profile.Mru));
        var echo = (long)profile.EchoInterval.TotalSeconds;
        arguments.AddRange("lcp-echo-interval", Number(echo), "lcp-echo-failure", Number(echo == 0 ? 0 : profile.EchoFailures));
        if (profile.Interface is not null)
            arguments.AddRange("ifname", profile.Interface);
    }

    private static void AddAuthentication(ImmutableArray<string>.Builder arguments, PppProfile profile, bool server)
    {
        if (profile.ServerName is not null)
            arguments.AddRange("name", profile.ServerName);
        if (!server || profile.Authentication.IsEmpty)
            arguments.Add("noauth");
        if (profile.Authentication.IsEmpty)
            return;
        foreach (var (protocol, word) in Protocols)
        {
            if (server && profile.Authentication.Contains(protocol))
                arguments.Add("require-" + word);
            else if (!server && !profile.Authentication.Contains(protocol))
                arguments.Add("refuse-" + word);
        }

        if (server && profile.RechallengeInterval > TimeSpan.Zero)
            arguments.AddRange("chap-interval", Number((long)profile.RechallengeInterval.TotalSeconds));
    }

    private static void AddNetwork(ImmutableArray<string>.Builder arguments, PppProfile profile, PppdSession session)
    {
        var remote = session.AllocatedRemote ?? profile.Remote;
        if (profile.Local is null)
            arguments.AddRange("noipdefault", "ipcp-accept-local");
        if (remote is null)
            arguments.Add("ipcp-accept-remote");
        if (profile.Local is not null || remote is not null)
            arguments.Add($"{profile.Local}:{remote}");
        foreach (var server in profile.Dns)
            arguments.AddRange("ms-dns", server.ToString());
        foreach (var server in profile.Nbns)
            arguments.AddRange("ms-wins", server.ToString());
        if (profile.RequestDns)
            arguments.Add("usepeerdns");
        // The daemon adds the default route itself, behind the guard of the tunnel's own way.
        arguments.Add("nodefaultroute");
        arguments.Add(profile.IPv6 ? "+ipv6" : "noipv6");
    }

    // In double quotes pppd takes everything as it is but the quote and the backslash. No line ends: they would begin an option.
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            if (letter is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(char.IsControl(letter) ? '?' : letter);
        }

        return quoted.Append('"').ToString();
    }

    private static string Cut(string value)
    {
        var length = Math.Min(value.Length, LongestFact);
        while (Encoding.UTF8.GetByteCount(value.AsSpan(0, length)) > LongestFact)
            length--;
        return value[..length];
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
