using L2tpd.Radius.Wire;

namespace L2tpd.Radius.Client;

/// <summary>The port of a server that a request goes to.</summary>
public enum RadiusService
{
    Authentication,
    Accounting,
}

/// <summary>
/// A request that can be written for any server. Another server needs a new identifier, a new authenticator and a password hidden with
/// another secret (RFC 5080 section 2.2.1), so a request keeps its content, not its octets.
/// </summary>
public abstract class RadiusRequest
{
    public abstract RadiusService Service { get; }

    /// <summary>Requests with equal numbers go to the same server of a balanced group first: a hash of the user's name.</summary>
    public virtual uint Affinity => 0;

    /// <summary>Whether an Accounting-Request begins with a Message-Authenticator. An Access-Request always does.</summary>
    public virtual bool HasMessageAuthenticator => false;

    /// <summary>Adds the attributes.</summary>
    /// <param name="packet">Has the header and the Message-Authenticator.</param>
    /// <param name="server">Number of the server that it is written for.</param>
    /// <param name="delay">Milliseconds since the request was submitted: for Acct-Delay-Time, which stays the same for one server.</param>
    public abstract void Write(ref PacketBuilder packet, int server, long delay);

    internal RadiusCode Code => Service == RadiusService.Authentication ? RadiusCode.AccessRequest : RadiusCode.AccountingRequest;
}

/// <summary>How the servers of a group share its requests.</summary>
public enum GroupPolicy
{
    /// <summary>The first server that is alive.</summary>
    Failover,

    /// <summary>By <see cref="RadiusRequest.Affinity"/>; another server if that one does not answer.</summary>
    Balance,
}

/// <summary>Servers that are equivalent.</summary>
/// <param name="Servers">Numbers of the client's servers, in order of preference.</param>
/// <param name="Policy">How they share requests.</param>
/// <param name="Budget">Milliseconds after which a request is given up, even if not all servers were tried: PPP peers wait 30 seconds for a
/// result.</param>
public sealed record ServerGroup(IReadOnlyList<int> Servers, GroupPolicy Policy = GroupPolicy.Failover, long Budget = 24_000);

/// <summary>
/// A socket of the host, connected to one server's port, with its own source port. Opened on first use; that of a connection by <see
/// cref="IRadiusEffects.Connect"/>.
/// </summary>
/// <param name="Server">Number of the server.</param>
/// <param name="Service">The port of the server. A connection carries both services: it is always Authentication there.</param>
/// <param name="Number">From 0; there are several if 256 identifiers are not enough.</param>
public readonly record struct ServerSocket(int Server, RadiusService Service, int Number);

/// <summary>The effects that the host carries out. The host must not call back into the client from these.</summary>
public interface IRadiusEffects
{
    /// <summary>Sends a packet. One that cannot be sent counts as lost.</summary>
    void Send(ServerSocket socket, ReadOnlySpan<byte> packet);

    /// <summary>
    /// Opens a connection (<see cref="RadiusServer.IsStream"/>). <see cref="RadiusClient.Connected"/> or <see
    /// cref="RadiusClient.Disconnected"/> follows, not within the call.
    /// </summary>
    void Connect(ServerSocket socket);

    /// <summary>Closes a connection. Nothing must be reported of it any more.</summary>
    void Disconnect(ServerSocket socket);

    /// <summary>A request was answered.</summary>
    /// <param name="requestId">The host's id.</param>
    /// <param name="server">Number of the server that answered.</param>
    /// <param name="answer">Verified; valid during the call.</param>
    /// <param name="authenticator">The authenticator of the request, by which values in the answer are hidden.</param>
    void Answered(ulong requestId, int server, in RadiusPacket answer, ReadOnlySpan<byte> authenticator);

    /// <summary>No server answered in time.</summary>
    void Unanswered(ulong requestId);
}
