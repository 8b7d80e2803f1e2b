using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary>The <c>show</c> commands for one object: one line per property.</summary>
internal sealed class Details(ControlClient client, Screen screen, bool json)
{
    public async Task StatusAsync(CancellationToken cancellation) =>
        Print(await client.StatusAsync(cancellation), ControlJson.Default.StatusView);

    public async Task TunnelAsync(string name, CancellationToken cancellation) =>
        Print(await client.TunnelAsync(name, cancellation), ControlJson.Default.TunnelView);

    public async Task SessionAsync(string? name, SessionSelector selector, CancellationToken cancellation) =>
        Print(await client.SessionAsync(name, selector, cancellation), ControlJson.Default.SessionView);

    public async Task ConfigurationAsync(CancellationToken cancellation)
    {
        var view = await client.ConfigurationAsync(cancellation);
        if (json)
        {
            Print(view, ControlJson.Default.ConfigurationView);
            return;
        }

        var lines = view.Yaml.Split('\n').SkipLast(1).Select(static line => DisplayText.Clean(line) + "\n");
        await screen.Out.WriteAsync(string.Concat(lines));
    }

    public void Print<T>(T view, JsonTypeInfo<T> type)
    {
        if (json)
        {
            screen.Out.Write(JsonSerializer.Serialize(view, type) + "\n");
            return;
        }

        // From the JSON itself, so that everything in the API is shown.
        var lines = new PropertyLines();
        lines.Add("", JsonSerializer.SerializeToElement(view, type));
        lines.Write(screen);
    }
}
