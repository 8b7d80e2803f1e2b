using System.Buffers;
using System.Text.Json;
using L2tpd.Protocol;
using L2tpd.Runtime.Processes;

namespace L2tpd.DataPlanes.Kernel;

/// <summary>
/// The text of the ledger: one JSON object per line. The first line names place and writer; each further line adds or strikes out one
/// entry. A line that a crash cut short is ignored.
/// </summary>
public static class LedgerFormat
{
    /// <summary>The first line.</summary>
    public static byte[] Header(LedgerPlace place, ProcessIdentity writer) => Line(json =>
    {
        json.WriteNumber("l2tpd-ledger", 1);
        json.WriteString("boot", place.BootId);
        json.WriteString("netns", place.NetworkNamespace);
        json.WriteNumber("pid", writer.Pid);
        json.WriteNumber("start", writer.StartTime);
    });

    /// <summary>A tunnel is about to be made.</summary>
    public static byte[] Add(LedgerTunnel tunnel) => Line(json =>
    {
        json.WriteNumber("tunnel", tunnel.LocalId.Value);
        json.WriteNumber("peer", tunnel.PeerId.Value);
    });

    /// <summary>A child was started.</summary>
    public static byte[] Add(ProcessIdentity child) => Line(json =>
    {
        json.WriteNumber("child", child.Pid);
        json.WriteNumber("start", child.StartTime);
    });

    /// <summary>The tunnel was deleted.</summary>
    public static byte[] StrikeTunnel(TunnelId localId) => Line(json => json.WriteNumber("tunnel-gone", localId.Value));

    /// <summary>The child has ended.</summary>
    public static byte[] StrikeChild(int pid) => Line(json => json.WriteNumber("child-gone", pid));

    /// <summary>Reads a whole ledger. Never throws.</summary>
    public static LedgerContents Read(IEnumerable<string> lines)
    {
        LedgerPlace? place = null;
        ProcessIdentity writer = default;
        var tunnels = new Dictionary<TunnelId, LedgerTunnel>();
        var children = new Dictionary<int, ProcessIdentity>();
        foreach (var line in lines)
        {
            if (!TryParse(line, out var json))
                continue;
            if (Text(json, "boot") is { } boot && Text(json, "netns") is { } netns)
                (place, writer) = (new LedgerPlace(boot, netns), new ProcessIdentity((int)Number(json, "pid"), Number(json, "start")));
            else if (json.TryGetProperty("tunnel", out _))
                tunnels[Id(json, "tunnel")] = new LedgerTunnel(Id(json, "tunnel"), Id(json, "peer"));
            else if (json.TryGetProperty("child", out _))
                children[(int)Number(json, "child")] = new ProcessIdentity((int)Number(json, "child"), Number(json, "start"));
            else if (json.TryGetProperty("tunnel-gone", out _))
                tunnels.Remove(Id(json, "tunnel-gone"));
            else if (json.TryGetProperty("child-gone", out _))
                children.Remove((int)Number(json, "child-gone"));
        }

        return place is null ? LedgerContents.Empty : new LedgerContents(place, writer, tunnels.Values, children.Values);
    }

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static bool TryParse(string line, out JsonElement json)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            json = document.RootElement.Clone();
            return json.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            json = default;
            return false;
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static TunnelId Id(JsonElement json, string name) => new((uint)Number(json, name));

    private static ulong Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out var number)
            ? number : 0;
}
