using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>show radius</c>: one line for each server.</summary>
internal static class RadiusTable
{
    // Late and repeated answers are usual; these are not.
    private static readonly string[] _drops = ["badAuthenticators", "missingMessageAuthenticators", "malformed"];

    private static readonly TableColumn[] Columns =
    [
        new("NAME"), new("ADDRESS"), new("BY"), new("STATE"), new("RTT", true), new("REQUESTS", true), new("ANSWERS", true),
        new("REJECTS", true), new("RESENT", true), new("TIMEOUTS", true), new("DROPPED", true), new("IN-FLIGHT", true),
    ];

    public static async Task ShowAsync(ControlClient client, Screen screen, bool json, CancellationToken cancellation)
    {
        var view = await client.RadiusAsync(cancellation);
        if (json)
        {
            var array = new JsonArrayWriter<RadiusServerView>(screen.Out, ControlJson.Default.RadiusServerView);
            array.Write(view.Items);
            array.End();
            return;
        }

        TableWriter.For(screen, Columns).Write([.. view.Items.Select(Row)]);
    }

    private static string[] Row(RadiusServerView server) =>
    [
        DisplayText.Clean(server.Name), DisplayText.Clean(server.Address), DisplayText.Clean(server.Transport), StateOf(server),
        server.RoundTripMilliseconds is { } trip ? string.Create(CultureInfo.InvariantCulture, $"{trip:0.0} ms") : "-",
        Counter(server, "requests"), Counter(server, "answers"), Counter(server, "rejects"), Counter(server, "retransmissions"),
        Counter(server, "timeouts"), DisplayText.Number(Dropped(server)), DisplayText.Number(server.InFlight + server.Waiting),
    ];

    private static string StateOf(RadiusServerView server)
    {
        var state = server.DeadSeconds is { } seconds
            ? $"{DisplayText.Clean(server.State)} {DisplayText.Duration(seconds)}"
            : server.Connections == 0 ? $"{DisplayText.Clean(server.State)}, no connection" : DisplayText.Clean(server.State);
        return server.Probing ? $"{state}, probing" : state;
    }

    private static long Dropped(RadiusServerView server) => _drops.Sum(name => server.Counters.GetValueOrDefault(name));

    private static string Counter(RadiusServerView server, string name) =>
        DisplayText.Number(server.Counters.GetValueOrDefault(name));
}
