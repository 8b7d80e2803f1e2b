using System.Net.Sockets;
using System.Text.Json;

namespace L2tpd.Control;

/// <summary>Reasons for not reaching the daemon.</summary>
public enum ConnectFailure
{
    /// <summary>There is no socket at the path.</summary>
    NoSocket,

    /// <summary>There is a socket, but no process listens on it.</summary>
    NobodyListens,

    /// <summary>The socket's permissions do not include this user.</summary>
    NotPermitted,

    /// <summary>The path is not usable for a unix socket.</summary>
    BadPath,

    /// <summary>Connected, but no answer in time.</summary>
    NoAnswer,

    /// <summary>The answer is not one of l2tpd.</summary>
    NotUnderstood,

    /// <summary>The connection was closed before the answer, or in the middle of it.</summary>
    Closed,
}

/// <summary>The daemon could not be reached. The message has the path, the reason and what to do.</summary>
public sealed class ControlConnectException : Exception
{
    public ControlConnectException()
    {
    }

    public ControlConnectException(string message)
        : base(message)
    {
    }

    public ControlConnectException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ControlConnectException(string socketPath, ConnectFailure failure, Exception innerException)
        : base(Describe(socketPath, failure), innerException) => Failure = failure;

    public ConnectFailure Failure { get; }

    /// <summary>The reason that an exception of the transport stands for.</summary>
    public static ConnectFailure Classify(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is ArgumentException)
                return ConnectFailure.BadPath;
            if (inner is JsonException)
                return ConnectFailure.NotUnderstood;
            if (inner is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded })
                return ConnectFailure.Closed;
            if (inner is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded })
                return ConnectFailure.Closed;
            if (inner is SocketException socket)
            {
                return socket.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => ConnectFailure.NobodyListens,
                    SocketError.AccessDenied => ConnectFailure.NotPermitted,
                    SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => ConnectFailure.Closed,
                    _ => ConnectFailure.NoSocket,
                };
            }
        }

        return ConnectFailure.NotUnderstood;
    }

    private static string Describe(string path, ConnectFailure failure) => failure switch
    {
        ConnectFailure.NoSocket =>
            $"cannot reach l2tpd at {path}: there is no such socket; "
            + "is l2tpd running (systemctl status l2tpd), and is this its control socket (--socket PATH)?",
        ConnectFailure.NobodyListens =>
            $"cannot reach l2tpd at {path}: nobody listens on the socket; l2tpd is not running (systemctl status l2tpd)",
        ConnectFailure.NotPermitted =>
            $"cannot reach l2tpd at {path}: permission denied; run this as root or as a member of the socket's group",
        ConnectFailure.BadPath =>
            $"cannot reach l2tpd at {path}: not usable as the path of a unix socket (1 to 107 octets)",
        ConnectFailure.NoAnswer =>
            $"cannot reach l2tpd at {path}: it accepted the connection but did not answer in time; its log may say why",
        ConnectFailure.Closed =>
            $"cannot reach l2tpd at {path}: the daemon closed the connection; it may have too many control clients, or be stopping",
        _ => $"cannot reach l2tpd at {path}: what answers there is not understood; l2tpd and l2tpctl may be of different versions",
    };
}

/// <summary>The daemon answered with a problem document.</summary>
public sealed class ControlProblemException : Exception
{
    public ControlProblemException()
    {
    }

    public ControlProblemException(string message)
        : base(message)
    {
    }

    public ControlProblemException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ControlProblemException(Problem problem)
        : base(problem.Detail ?? problem.Title) => Problem = problem;

    /// <summary>The problem document; <c>null</c> only for exceptions made without one.</summary>
    public Problem? Problem { get; }
}
