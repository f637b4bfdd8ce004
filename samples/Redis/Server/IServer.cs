using Redis.Channels;
using Redis.Keyspace;

namespace Redis.Server;

/// <summary>What a server is to its sessions.</summary>
internal interface IServer
{
    Database Database { get; }

    ChannelTable Channels { get; }

    /// <summary>The text of INFO.</summary>
    string Describe();
}
