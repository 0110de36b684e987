import {Channel, User} from './types';

// Of a direct channel: who is at its other end.
export function otherEnd(channel: Channel, me: string): string {
    return (channel.type === 'D' && channel.name.split('__').find((id) => id !== me)) || '';
}

export function channelName(channel: Channel, users: {currentUserId: string; profiles: Record<string, User>}): string {
    const other = users.profiles[otherEnd(channel, users.currentUserId)];
    return channel.display_name || (other ? other.username : 'Direct message');
}
