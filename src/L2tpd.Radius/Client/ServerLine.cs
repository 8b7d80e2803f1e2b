using L2tpd.Radius.Wire;

namespace L2tpd.Radius.Client;

/// <summary>One server as the client uses it: its two ports, its health and its counters.</summary>
internal sealed class ServerLine(int number, RadiusServer server)
{
    private readonly ServicePort[] _ports =
        [new(number, RadiusService.Authentication, server), new(number, RadiusService.Accounting, server)];

    public int Number { get; } = number;

    public RadiusServer Server { get; } = server;

    public ServerHealth Health { get; } = new(server);

    public ClientCounters Counters { get; } = new();

    /// <summary>Whether every answer to an Access-Request must have a Message-Authenticator from now on.</summary>
    public bool RequiresMessageAuthenticator { get; private set; } = server.MessageAuthenticator == MessageAuthenticatorPolicy.Required;

    public int Outstanding => _ports[0].Outstanding + _ports[1].Outstanding;

    public ServicePort Port(RadiusService service) => _ports[(int)service];

    /// <summary>If the server has sent one before, an answer without one is forged (CVE-2024-3596).</summary>
    public void LearnMessageAuthenticator(in RadiusPacket answer)
    {
        if (Server.MessageAuthenticator == MessageAuthenticatorPolicy.Auto && Authenticators.HasMessageAuthenticator(answer))
            RequiresMessageAuthenticator = true;
    }
}
