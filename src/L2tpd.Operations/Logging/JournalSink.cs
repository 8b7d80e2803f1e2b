using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace L2tpd.Operations.Logging;

/// <summary>
/// Writes to systemd's journal by its native protocol: the message, its priority, and each property as a field (L2TPD_TUNNEL,
/// L2TPD_SESSION, L2TPD_PEER, ...). If the journal's socket does not accept an entry, the line goes to standard output with a priority
/// prefix.
/// </summary>
public sealed class JournalSink : ILogEventSink, IDisposable
{
    /// <summary>The journal's socket.</summary>
    public const string DefaultSocket = "/run/systemd/journal/socket";

    // RenderMessage would put every string in quotes.
    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Action<string> _fallback;
    private readonly ArrayBufferWriter<byte> _entry = new(1_024);
    private readonly bool _connected;

    /// <summary>Connects. Without a journal, lines go to the fallback.</summary>
    public JournalSink(string socketPath, Action<string> fallback)
    {
        _fallback = fallback;
        try
        {
            _socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            _connected = true;
        }
        catch (SocketException)
        {
            _connected = false;
        }
    }

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        var priority = PriorityOf(logEvent.Level);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(logEvent, text);
        var message = text.ToString();
        if (logEvent.Exception is { } exception)
            message += Environment.NewLine + exception;
        if (!TrySend(logEvent, priority, message))
            WriteLines(priority, message);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>syslog(3) priority.</summary>
    public static int PriorityOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => 2,
        LogEventLevel.Error => 3,
        LogEventLevel.Warning => 4,
        LogEventLevel.Information => 6,
        _ => 7,
    };

    private bool TrySend(LogEvent logEvent, int priority, string message)
    {
        if (!_connected)
            return false;
        _entry.ResetWrittenCount();
        Field("MESSAGE", message);
        Field("PRIORITY", priority.ToString(CultureInfo.InvariantCulture));
        Field("SYSLOG_IDENTIFIER", "l2tpd");
        foreach (var (name, value) in logEvent.Properties)
        {
            if (name is not ("SourceContext" or "EventId"))
                Field("L2TPD_" + FieldName(name), TextOf(value));
        }

        try
        {
            _socket.Send(_entry.WrittenSpan);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string TextOf(LogEventPropertyValue value) => value is ScalarValue { Value: { } scalar }
        ? Convert.ToString(scalar, CultureInfo.InvariantCulture) ?? ""
        : value.ToString();

    private void Field(string name, string value)
    {
        Write(name);
        var octets = Encoding.UTF8.GetBytes(value);
        if (value.Contains('\n', StringComparison.Ordinal))
        {
            _entry.Write("\n"u8);
            BinaryPrimitives.WriteUInt64LittleEndian(_entry.GetSpan(8), (ulong)octets.Length);
            _entry.Advance(8);
        }
        else
        {
            _entry.Write("="u8);
        }

        _entry.Write(octets);
        _entry.Write("\n"u8);
    }

    private void Write(string text) => _entry.Write(Encoding.UTF8.GetBytes(text));

    private void WriteLines(int priority, string message)
    {
        foreach (var line in message.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            _fallback($"<{priority}>{line.TrimEnd()}");
    }

    /// <summary>LocalAddress becomes LOCAL_ADDRESS; only letters, digits and underscores are allowed.</summary>
    private static string FieldName(string property)
    {
        var name = new StringBuilder(property.Length + 4);
        foreach (var character in property)
        {
            if (char.IsAsciiLetterUpper(character) && name.Length > 0)
                name.Append('_');
            name.Append(char.IsAsciiLetterOrDigit(character) ? char.ToUpperInvariant(character) : '_');
        }

        return name.ToString();
    }
}
