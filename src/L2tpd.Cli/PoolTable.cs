using System.Globalization;
using L2tpd.Control;

namespace L2tpd.Cli;

/// <summary><c>show pools</c>: one line for each pool, or each range of a pool.</summary>
internal static class PoolTable
{
    private static readonly TableColumn[] Columns =
    [
        new("NAME"), new("PROFILE"), new("FAMILY"), new("RANGE"), new("SIZE", true), new("USED", true), new("FREE", true),
        new("KEPT", true),
    ];

    public static async Task ShowAsync(ControlClient client, Screen screen, bool json, CancellationToken cancellation)
    {
        var view = await client.PoolsAsync(cancellation);
        if (json)
        {
            var array = new JsonArrayWriter<PoolView>(screen.Out, ControlJson.Default.PoolView);
            array.Write(view.Items);
            array.End();
            return;
        }

        TableWriter.For(screen, Columns).Write([.. view.Items.Select(Row)]);
    }

    private static string[] Row(PoolView pool) =>
    [
        DisplayText.Clean(pool.Name), DisplayText.OrDash(pool.Profile), DisplayText.Clean(pool.Family), RangeOf(pool),
        DisplayText.Number(pool.Size), DisplayText.Number(pool.Used), DisplayText.Number(pool.Free), DisplayText.Number(pool.Kept),
    ];

    private static string RangeOf(PoolView pool) => pool.Length is { } length
        ? string.Create(CultureInfo.InvariantCulture, $"{DisplayText.Clean(pool.Range)} /{length}") : DisplayText.Clean(pool.Range);
}
