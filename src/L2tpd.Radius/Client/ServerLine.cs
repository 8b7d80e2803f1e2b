using L2tpd.Radius.Wire;

namespace L2tpd.Radius.Client;

/// <summary>One server as the client uses it: its two ports, its health and its counters.</summary>
internal sealed class ServerLine(int number, RadiusServer server, ClientCounters? counters)
{
    // A connection carries both services.
    private readonly ServicePort[] _ports = server.IsStream
        ? [new(number, RadiusService.Authentication, server)]
        : [new(number, RadiusService.Authentication, server), new(number, RadiusService.Accounting, server)];

    public int Number { get; } = number;

    public RadiusServer Server { get; } = server;

    public ServerHealth Health { get; } = new(server);

    public ClientCounters Counters { get; } = counters ?? new();

    /// <summary>Whether every answer to an Access-Request must have a Message-Authenticator from now on.</summary>
    public bool RequiresMessageAuthenticator { get; private set; } = server.MessageAuthenticator == MessageAuthenticatorPolicy.Required;

    public int Outstanding => _ports.Sum(static port => port.Outstanding);

    /// <summary>Requests that wait for an identifier or a connection.</summary>
    public int Waiting => _ports.Sum(static port => port.Waiting);

    /// <summary>The connections of a server with <see cref="RadiusServer.IsStream"/>; otherwise empty.</summary>
    public IReadOnlyList<StreamConnection> Connections => _ports[0].Connections;

    /// <summary>The state for the choice of a server: one without a connection cannot answer now.</summary>
    public ServerState Preference =>
        Health.State == ServerState.Alive && Server.IsStream && !_ports[0].IsConnected ? ServerState.Suspect : Health.State;

    public ServicePort Port(RadiusService service) => _ports[Server.IsStream ? 0 : (int)service];

    /// <summary>If the server has sent one before, an answer without one is forged (CVE-2024-3596).</summary>
    public void LearnMessageAuthenticator(in RadiusPacket answer)
    {
        if (Server.MessageAuthenticator == MessageAuthenticatorPolicy.Auto && Authenticators.HasMessageAuthenticator(answer))
            RequiresMessageAuthenticator = true;
    }
}
