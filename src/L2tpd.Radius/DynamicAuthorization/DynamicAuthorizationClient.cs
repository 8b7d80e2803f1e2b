using System.Net;

namespace L2tpd.Radius.DynamicAuthorization;

/// <summary>Who may send CoA- and Disconnect-Requests: a Dynamic Authorization Client of RFC 5176.</summary>
/// <param name="Name">Its name in log lines.</param>
/// <param name="Address">The address that its requests come from, with any port.</param>
/// <param name="Secret">The secret that we share with it.</param>
public sealed record DynamicAuthorizationClient(string Name, IPAddress Address, byte[] Secret);

/// <summary>What became of the datagrams that arrived.</summary>
public sealed class DynamicAuthorizationCounters
{
    /// <summary>From an address that is not listed.</summary>
    public long Strangers { get; internal set; }

    /// <summary>Not a CoA- or Disconnect-Request with whole attributes.</summary>
    public long Malformed { get; internal set; }

    /// <summary>With a wrong Request Authenticator or Message-Authenticator: the secrets may differ.</summary>
    public long BadAuthenticators { get; internal set; }

    /// <summary>With an Event-Timestamp that is more than 300 s from our time, or without one where it is required.</summary>
    public long OutOfTime { get; internal set; }

    /// <summary>Duplicates of a request that is remembered.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Requests that were handed out.</summary>
    public long Requests { get; internal set; }

    /// <summary>Requests that were carried out.</summary>
    public long Acks { get; internal set; }

    /// <summary>Requests that were refused.</summary>
    public long Naks { get; internal set; }

    /// <summary>The sum of both.</summary>
    public DynamicAuthorizationCounters With(DynamicAuthorizationCounters other) => new()
    {
        Strangers = Strangers + other.Strangers,
        Malformed = Malformed + other.Malformed,
        BadAuthenticators = BadAuthenticators + other.BadAuthenticators,
        OutOfTime = OutOfTime + other.OutOfTime,
        Duplicates = Duplicates + other.Duplicates,
        Requests = Requests + other.Requests,
        Acks = Acks + other.Acks,
        Naks = Naks + other.Naks,
    };
}
