using L2tpd.Radius.Wire;

namespace L2tpd.Radius.Client;

/// <summary>Which of a server's two ports a request goes to.</summary>
public enum RadiusService
{
    Authentication,
    Accounting,
}

/// <summary>
/// A request that can be written for any server: a new server means a new identifier, a new authenticator and a password hidden by another
/// secret (RFC 5080 section 2.2.1), so a request keeps what it says and not its octets.
/// </summary>
public abstract class RadiusRequest
{
    public abstract RadiusService Service { get; }

    /// <summary>Requests with equal numbers meet the same server of a balanced group first: a hash of the user's name.</summary>
    public virtual uint Affinity => 0;

    /// <summary>Whether an Accounting-Request begins with a Message-Authenticator; an Access-Request always does.</summary>
    public virtual bool HasMessageAuthenticator => false;

    /// <summary>Adds the attributes.</summary>
    /// <param name="packet">Header and Message-Authenticator are there.</param>
    /// <param name="server">Number of the server that it is written for.</param>
    /// <param name="delay">Milliseconds since the request was submitted: for Acct-Delay-Time, which stays the same towards one
    /// server.</param>
    public abstract void Write(ref PacketBuilder packet, int server, long delay);

    internal RadiusCode Code => Service == RadiusService.Authentication ? RadiusCode.AccessRequest : RadiusCode.AccountingRequest;
}

/// <summary>How the servers of a group share its requests.</summary>
public enum GroupPolicy
{
    /// <summary>The first that is alive.</summary>
    Failover,

    /// <summary>By <see cref="RadiusRequest.Affinity"/>; another when that one does not answer.</summary>
    Balance,
}

/// <summary>Servers that stand for each other.</summary>
/// <param name="Servers">Numbers of the client's servers, the preferred first.</param>
/// <param name="Policy">How they share requests.</param>
/// <param name="Budget">Milliseconds after which a request is given up, whatever servers are left: PPP peers wait 30 seconds for a
/// verdict.</param>
public sealed record ServerGroup(IReadOnlyList<int> Servers, GroupPolicy Policy = GroupPolicy.Failover, long Budget = 24_000);

/// <summary>A socket of the host's: connected to one server's port, with a source port of its own. Opened at its first use.</summary>
/// <param name="Server">Number of the server.</param>
/// <param name="Service">Which of its ports.</param>
/// <param name="Number">From 0; there are several where 256 identifiers are too few.</param>
public readonly record struct ServerSocket(int Server, RadiusService Service, int Number);

/// <summary>What the client asks of its host. The host must not call back into the client from these.</summary>
public interface IRadiusEffects
{
    /// <summary>Sends a packet; one that cannot be sent is as one that was lost.</summary>
    void Send(ServerSocket socket, ReadOnlySpan<byte> packet);

    /// <summary>A request was answered.</summary>
    /// <param name="requestId">The host's id.</param>
    /// <param name="server">Number of the server that answered.</param>
    /// <param name="answer">Verified; valid during the call.</param>
    /// <param name="authenticator">The request's, which hidden values in the answer were hidden by.</param>
    void Answered(ulong requestId, int server, in RadiusPacket answer, ReadOnlySpan<byte> authenticator);

    /// <summary>No server answered in time.</summary>
    void Unanswered(ulong requestId);
}
